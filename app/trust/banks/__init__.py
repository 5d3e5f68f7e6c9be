"""Pictures that are blocked or allowed, and the lists that trust tools exchange."""
