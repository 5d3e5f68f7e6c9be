"""The geometric check: lays one picture over another and measures how well they agree."""
