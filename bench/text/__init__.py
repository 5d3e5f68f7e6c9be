"""How well text in pictures is read."""
