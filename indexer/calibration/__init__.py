"""Measures what an index's scores are worth, and keeps it with the index."""
