"""The products index: its fields, what its `_meta` records, its versions, and reading it."""
