"""Recorded searches on their way to Elasticsearch."""
