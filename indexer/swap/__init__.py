"""Replaces an embedding model while the index is searched."""
