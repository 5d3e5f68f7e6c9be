"""Plug-ins of other packages, from their installation to a search."""
