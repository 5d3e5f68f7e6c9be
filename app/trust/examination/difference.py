"""Names what keeps two pictures of one layout from being the same photo."""

from collections.abc import Mapping
from typing import Literal

Difference = Literal["recoloured", "other_print", "other_words"]
"""The goods have another colour on what is otherwise the same photo; another print, or other words,
are in the same place of the same goods. The names are stable: the API and stored cases hold them.
"""

SAME_DRAWING = 0.6
"""Median local correlation above which two pictures have one layout."""

RECOLOURED_FROM, REPLACED_FROM = 0.1, 0.01
"""Least shares for a reason to be named: of the matching drawing, and of the overlap."""


def name_difference(label: str, signals: Mapping[str, float]) -> Difference | None:
    """Return the difference, or None: the photo is the same, or the layout is another one."""
    if label in ("same_file", "same_photo") or signals.get("exactness", 0.0) < SAME_DRAWING:
        return None
    if signals.get("drawn_in_both", 0.0) >= REPLACED_FROM:
        return "other_print"
    if signals.get("recoloured_whole", 0.0) >= RECOLOURED_FROM:
        return "recoloured"
    return None
