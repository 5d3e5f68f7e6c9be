"""Experiments on the ranking: which there are, who is in which variant, and what came out."""
