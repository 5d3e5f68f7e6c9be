"""Calibrates an index's scores: turns them into probabilities of relevance."""
