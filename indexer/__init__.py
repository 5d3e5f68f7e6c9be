"""Turns feeds, folders and tables into product documents, and keeps the index in step."""
