"""The feature service as its clients see it: what is sent, how, and what may go wrong."""
