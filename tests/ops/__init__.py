"""Tests of what runs around lookalike."""
