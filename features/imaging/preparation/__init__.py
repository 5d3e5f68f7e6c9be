"""Optional steps that prepare a query picture before extraction, by name."""
