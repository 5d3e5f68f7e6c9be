"""Pages of reports: of experiments, and of queries without a good answer."""
