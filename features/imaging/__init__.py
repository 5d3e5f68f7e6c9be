"""Safe decoding and preparation of pictures."""
