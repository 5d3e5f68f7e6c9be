"""Products straight from a database: SQL through SQLAlchemy, MongoDB through PyMongo."""
