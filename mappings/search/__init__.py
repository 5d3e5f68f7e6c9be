"""A search as values, and the request body made from them."""
