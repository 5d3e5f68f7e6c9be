"""The shop's colours: two dozen named ones, and the schemes designs are coloured with."""

from typing import TypeAlias

Colour: TypeAlias = tuple[float, float, float]
"""Red, green and blue, 0 to 1."""

COLOURS_BY_NAME = {
    "Chalk": "f5f0e6",
    "Oat": "e5d9c5",
    "Sand": "d9c09a",
    "Stone": "aaa59b",
    "Charcoal": "3a3c41",
    "Ink": "20222b",
    "Terracotta": "c8694a",
    "Rust": "a2472e",
    "Coral": "ee7e64",
    "Tomato": "d6432f",
    "Tangerine": "ec9038",
    "Mustard": "dba43c",
    "Butter": "f2d98c",
    "Blush": "ebbcae",
    "Rose": "cf707c",
    "Plum": "6f3c58",
    "Lilac": "b9a7d2",
    "Sky": "a0c6de",
    "Cornflower": "5d86c6",
    "Cobalt": "2b4ea3",
    "Navy": "22304f",
    "Teal": "21767a",
    "Mint": "b5dbc6",
    "Sage": "a2b48f",
    "Olive": "727743",
    "Forest": "2d5341",
}
"""Hexadecimal RGB by the name shown as the product's `color`."""

SCHEMES = (
    ("Terracotta", "Chalk", "Navy", "Mustard"),
    ("Navy", "Oat", "Coral", "Sky"),
    ("Sage", "Chalk", "Forest", "Blush"),
    ("Mustard", "Ink", "Chalk", "Terracotta"),
    ("Cobalt", "Chalk", "Tomato", "Butter"),
    ("Blush", "Rust", "Chalk", "Sage"),
    ("Forest", "Butter", "Oat", "Coral"),
    ("Charcoal", "Oat", "Mustard", "Stone"),
    ("Sky", "Navy", "Chalk", "Tangerine"),
    ("Rust", "Sand", "Ink", "Sky"),
    ("Lilac", "Plum", "Chalk", "Mustard"),
    ("Teal", "Sand", "Chalk", "Coral"),
    ("Oat", "Charcoal", "Terracotta", "Sage"),
    ("Tomato", "Blush", "Navy", "Chalk"),
    ("Olive", "Chalk", "Tangerine", "Ink"),
    ("Mint", "Teal", "Coral", "Chalk"),
    ("Plum", "Blush", "Butter", "Lilac"),
    ("Coral", "Chalk", "Teal", "Butter"),
    ("Ink", "Chalk", "Rose", "Sand"),
    ("Butter", "Cornflower", "Chalk", "Rust"),
    ("Cornflower", "Chalk", "Navy", "Blush"),
    ("Chalk", "Cobalt", "Mustard", "Rose"),
)
"""A main colour, which names the product's, and three that go with it."""

CHALK: Colour = (0.96, 0.94, 0.90)
INK: Colour = (0.125, 0.133, 0.169)
STEEL: Colour = (0.74, 0.74, 0.73)
BRASS: Colour = (0.80, 0.64, 0.36)
OAK: Colour = (0.79, 0.60, 0.40)
WALNUT: Colour = (0.45, 0.30, 0.20)


def colour_named(name: str) -> Colour:
    """Return the colour called `name`; raises KeyError when there is none."""
    red, green, blue = bytes.fromhex(COLOURS_BY_NAME[name])
    return red / 255, green / 255, blue / 255


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """Return `a` with `share` (0 to 1) of it replaced by `b`."""
    red, green, blue = ((1 - share) * p + share * q for p, q in zip(a, b, strict=True))
    return red, green, blue


def luminance(colour: Colour) -> float:
    """Return how light a colour looks, 0 to 1 (Rec. 601 weights)."""
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def readable_on(ground: Colour, *inks: Colour) -> Colour:
    """Return the ink that stands out most from `ground`."""
    return max(inks, key=lambda ink: abs(luminance(ink) - luminance(ground)))
