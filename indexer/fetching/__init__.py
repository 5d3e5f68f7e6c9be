"""Pictures from the web or from files, without reaching into our own network."""
