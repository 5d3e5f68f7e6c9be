"""Colours: their names for facets, a histogram, and how coherent they lie."""
