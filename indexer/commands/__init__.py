"""The commands of `python -m indexer` that load feeds and look after the index."""
