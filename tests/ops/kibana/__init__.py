"""Kibana: its objects, and loading them."""
