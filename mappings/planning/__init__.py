"""Exact or approximate: index statistics, and recall measured on the index itself."""
