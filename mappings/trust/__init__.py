"""The trust desk's indices and the banks."""
