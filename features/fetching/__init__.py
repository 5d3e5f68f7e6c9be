"""Fetches pictures from the web, and never from the machine's own network."""
