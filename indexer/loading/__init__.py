"""From feed rows to indexed documents."""
