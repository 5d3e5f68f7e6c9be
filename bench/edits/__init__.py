"""Edits that make copies and siblings of a picture, for fitting and judging the verdict model."""
