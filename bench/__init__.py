"""What we claim, measured: relevance, duplicates, speed, through the real index."""
