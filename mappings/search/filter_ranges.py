"""A filter's value where a field holds amounts, numbers or dates: ``15``, ``10..20``, ``..20``."""

import math
from dataclasses import dataclass
from datetime import date, datetime

from core.errors import InvalidQuery
from features.base import Json

SEPARATOR = ".."


@dataclass(frozen=True)
class Range:
    """Inclusive bounds as Elasticsearch takes them; None is open."""

    low: float | str | None
    high: float | str | None

    def bounds(self) -> Json:
        """Return the bounds of a `range` query; a day stands for all of it."""
        given = {"gte": self.low, "lte": self.high}
        return {name: bound for name, bound in given.items() if bound is not None}


def parse_range(name: str, kind: str, value: str) -> Range:
    """Return what a filter of a field of this kind accepts; raises InvalidQuery.

    A single value is a range of its own. A `period` is met by every moment or span it overlaps.
    """
    low, separator, high = value.partition(SEPARATOR)
    if not separator:
        high = low
    read = _read_moment if kind in ("time", "period") else _read_number
    bounds = [read(name, text.strip()) if text.strip() else None for text in (low, high)]
    if bounds == [None, None]:
        raise InvalidQuery(
            f"filter {name}: {value[:40]!r} has no bound; write 10..20, 10.. or ..20"
        )
    return Range(*bounds)


def _read_number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InvalidQuery(f"filter {name}: {text[:40]!r} is not a number; write 15 or 10..20")
    return number


def _read_moment(name: str, text: str) -> str:
    try:
        # A day without a time stays one: Elasticsearch rounds the upper bound to its end.
        return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError as error:
        raise InvalidQuery(
            f"filter {name}: {text[:40]!r} is not an ISO 8601 date; write 2026-11-30 "
            "or 2026-11-01..2026-11-30"
        ) from error
