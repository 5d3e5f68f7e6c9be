"""Learning to see what a shop's own customers photograph: data, splits, losses, models."""
