"""Fits the verdict model of duplicate checks on labelled pairs, and judges it."""
