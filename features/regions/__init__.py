"""Proposes regions of a picture that may each show one thing, and chooses among them."""
