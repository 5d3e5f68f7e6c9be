"""The look of a picture as one vector: the model, its conversion, and serving it."""
