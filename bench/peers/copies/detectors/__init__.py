"""Copy detectors, one per module: those that others use, and this project's."""
