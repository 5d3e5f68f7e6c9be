"""Feeds: formats, columns, and one row made into a product."""
