"""Searching by words: are the products found that are meant, and how long does it take?"""
