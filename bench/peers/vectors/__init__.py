"""Ways of finding the nearest vectors, compared on the same questions."""
