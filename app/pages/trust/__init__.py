"""The trust desk's pages; all of them are behind the sign-in."""
