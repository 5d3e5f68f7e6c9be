"""Snapshots: everything a shop would miss, saved and restored."""
