"""Scenes of several products, and whether each of them is proposed and found."""
