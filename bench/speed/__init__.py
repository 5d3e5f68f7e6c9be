"""Time and memory: loading, serving, sweeping, and swapping the model under load."""
