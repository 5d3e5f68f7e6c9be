"""SVG drawings of measured figures."""
