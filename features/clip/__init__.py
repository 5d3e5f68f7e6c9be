"""Pictures searched with text, by a CLIP-like dual encoder: pictures and text in one space."""
