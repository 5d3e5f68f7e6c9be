"""Searching by words: a made-up shop, its questions, and how long they take."""
