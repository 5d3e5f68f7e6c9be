"""The data streams of recorded searches, duplicate checks and decisions."""
