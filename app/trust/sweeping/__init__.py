"""Examines the whole catalogue and every new picture, and opens cases for groups."""
