"""Benches of shoppers' events: how many are taken, and what restarts leave of them."""
