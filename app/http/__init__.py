"""What concerns every request and answer: its id, its format and its headers."""
