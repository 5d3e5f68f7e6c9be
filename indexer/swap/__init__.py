"""Another model for a live index: filled in beside the present one, switched to, and back."""
