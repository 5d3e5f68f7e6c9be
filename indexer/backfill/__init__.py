"""Gives stored pictures values that they lack, while the index is searched."""
