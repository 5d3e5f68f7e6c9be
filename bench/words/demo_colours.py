"""Which basic colours the demo's colour names may rightly be called.

Written down from the values the demo paints with, not from the search's own table. A name between
two colours (teal, coral, blush) may be called either.
"""

ACCEPTED: dict[str, tuple[str, ...]] = {
    "Chalk": ("white",),
    "Oat": ("brown", "white", "yellow"),
    "Sand": ("brown", "yellow"),
    "Stone": ("grey", "brown"),
    "Charcoal": ("grey", "black"),
    "Ink": ("black", "blue", "grey"),
    "Terracotta": ("orange", "brown", "red"),
    "Rust": ("brown", "orange", "red"),
    "Coral": ("orange", "pink", "red"),
    "Tomato": ("red",),
    "Tangerine": ("orange",),
    "Mustard": ("yellow", "orange", "brown"),
    "Butter": ("yellow",),
    "Blush": ("pink", "brown", "orange"),
    "Rose": ("pink", "red"),
    "Plum": ("purple",),
    "Lilac": ("purple",),
    "Sky": ("blue",),
    "Cornflower": ("blue",),
    "Cobalt": ("blue",),
    "Navy": ("blue", "black"),
    "Teal": ("blue", "green"),
    "Mint": ("green",),
    "Sage": ("green", "grey"),
    "Olive": ("green", "brown"),
    "Forest": ("green",),
}


def is_called(name: str, basic: str) -> bool:
    """Return whether a colour may be called so."""
    return basic in ACCEPTED.get(name, ())


def is_surely(name: str, basic: str) -> bool:
    """Return whether a colour can be called nothing else."""
    return ACCEPTED.get(name) == (basic,)
