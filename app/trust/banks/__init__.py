"""Banks of blocked and allowed pictures, and the hash lists that trust tools exchange."""
