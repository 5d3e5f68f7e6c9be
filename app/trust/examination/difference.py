"""Names what keeps two pictures of one layout from being the same photo."""

from collections.abc import Iterable, Mapping
from typing import Literal

from features.base import Json
from features.geometry.alignment import Alignment

Difference = Literal["recoloured", "other_print", "other_words"]
"""The goods have another colour on what is otherwise the same photo; another print, or other words,
are in the same place of the same goods. The names are stable: the API and stored cases hold them.
"""

TEXT_FEATURE = "ocr"

SAME_DRAWING = 0.6
"""Median local correlation above which two pictures have one layout."""

REPLACED_FROM, BALANCED_FROM = 1e-4, 0.1
"""Least share of the overlap in which each picture has something that the other lacks, and least
share of the one in the other."""

DRAWN_FROM = 0.01
"""Least share of the overlap that both pictures fill with another drawing."""

RECOLOURED_FROM: Mapping[str, float] = {
    "repainted": 0.01,
    "tint_kept": 0.03,
    "recoloured_whole": 0.1,
    "tint_cast": 0.3,
    "tint_gain": 0.5,
}
"""Signal → from which value the goods have another colour."""

MIN_CONFIDENCE, READ_SHARE = 0.5, 0.3
"""Least confidence of a line that was read, and least share of it within a replaced place."""


def name_difference(
    label: str,
    signals: Mapping[str, float],
    alignment: Alignment | None = None,
    lines: Iterable[Json] = (),
) -> Difference | None:
    """Return the difference, or None: the photo is the same, or the layout is another one.

    `lines` are those read in the second picture, as `features.ocr` stores them.
    """
    if label in ("same_file", "same_photo") or signals.get("exactness", 0.0) < SAME_DRAWING:
        return None
    is_replaced = (
        signals.get("replaced", 0.0) >= REPLACED_FROM
        and signals.get("replaced_balance", 0.0) >= BALANCED_FROM
    )
    if is_replaced:
        is_text = alignment is not None and _is_read(alignment, lines)
        return "other_words" if is_text else "other_print"
    if any(signals.get(name, 0.0) >= least for name, least in RECOLOURED_FROM.items()):
        return "recoloured"
    if signals.get("drawn_in_both", 0.0) >= DRAWN_FROM:
        return "other_print"
    return None


def text_lines(values: Mapping[str, Json]) -> Iterable[Json]:
    """Return the lines read in a stored picture, from its values by feature; [] without any."""
    value = values.get(TEXT_FEATURE)
    return value.get("lines", ()) if isinstance(value, Mapping) else ()


def _is_read(alignment: Alignment, lines: Iterable[Json]) -> bool:
    """Say whether a line was read where something was replaced."""
    if alignment.replaced_box is None:
        return False
    width, height = alignment.other_size
    left, top, right, bottom = alignment.replaced_box
    for line in lines:
        west, north, east, south = line["box"]
        across = min(right, east * width) - max(left, west * width)
        down = min(bottom, south * height) - max(top, north * height)
        area = (east - west) * width * (south - north) * height
        smaller = min(area, (right - left) * (bottom - top))
        covers = across > 0 and down > 0 and across * down >= READ_SHARE * smaller
        if covers and line["confidence"] >= MIN_CONFIDENCE:
            return True
    return False
