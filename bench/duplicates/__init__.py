"""Edited copies and hashes, looked up through the real index."""
