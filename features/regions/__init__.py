"""Regions of a picture that may each show one thing: who proposes them, and the choice of few."""
