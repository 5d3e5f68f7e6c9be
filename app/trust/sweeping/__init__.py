"""The whole catalogue and every new picture, examined; groups of what belongs together."""
