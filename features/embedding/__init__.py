"""Embeds a picture as one vector: the model, its conversion to LiteRT, heads, and serving."""
