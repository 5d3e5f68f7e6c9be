"""Reads dates as shop systems write them: 2026-03-01, 3/1/26, 3/1/2026, 12:00 AM, 01.03.2026."""

import re
from datetime import datetime

_SLASHES = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?)?"
)


def iso_date(text: str) -> str:
    """Return a date or moment in ISO 8601; a text that is none as it is.

    Slashes stand for month/day/year, unless the first number is above 12; dots and dashes for
    day.month.year.
    """
    text = text.strip()
    found = _SLASHES.fullmatch(text)
    if not found:
        return text
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    day_first = found[2] != "/" or first > 12
    day, month = (first, second) if day_first else (second, first)
    year += 2000 if year < 100 else 0
    hour, minute, second = int(found[5] or 0), int(found[6] or 0), int(found[7] or 0)
    if half := (found[8] or "").lower():
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return text
    return moment.isoformat() if found[5] else moment.date().isoformat()


def iso_period(start: str, end: str) -> str:
    """Return a time span as `sale_price_effective_date` has it, "" without either end."""
    return f"{iso_date(start)}/{iso_date(end)}" if start.strip() or end.strip() else ""
