"""The feature service: extraction for other programs over HTTP, real-time calls first."""
