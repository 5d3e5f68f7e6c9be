"""Keeps the index in step with a source: what is new, changed or gone there becomes so here."""
