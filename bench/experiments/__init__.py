"""Experiments replayed from made-up events, and weights fitted on clicks."""
