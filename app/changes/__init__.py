"""Changes of products by the shop's own systems: who may send them, and how they are read."""
