"""The field's standard figures, computed from rankings, probabilities and distances."""
