"""The data stream of recorded searches."""
