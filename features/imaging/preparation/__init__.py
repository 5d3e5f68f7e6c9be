"""Steps a query picture may go through before it is looked at, by name; none by default."""
