"""Parts of a picture that are pictures themselves, and are compared on their own."""
