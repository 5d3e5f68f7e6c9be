"""The pictures benches use: the test data, what people judged of it, and drawn ones."""
