"""Pictures that words can ask for: a CLIP-like dual encoder, pictures and words in one space."""
