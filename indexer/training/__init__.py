"""Training from the command line: what to learn from, and what comes of it."""
