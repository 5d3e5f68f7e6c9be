"""Statistics of experiments whose unit is a client: pure functions from sums to figures."""
