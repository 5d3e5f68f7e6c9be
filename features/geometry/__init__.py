"""Whether one picture can be laid over another, and whether they agree where it lies."""
