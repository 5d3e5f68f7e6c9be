"""Trains on a shop's own labelled pictures: hold-out splits, losses, models and accuracy."""
