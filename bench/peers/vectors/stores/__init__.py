"""Stores of vectors, each in its own module behind one protocol."""
