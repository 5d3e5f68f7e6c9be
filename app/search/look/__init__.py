"""Search the look: the parts of a photo, each named and answered, all at once."""
