"""Benches that measure relevance, duplicate detection and speed through the real index."""
