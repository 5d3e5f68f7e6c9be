"""One small check per fault that keeps people from a running lookalike."""
