"""Formats probabilities, times and ages."""

from datetime import UTC, datetime, timedelta

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent

from app.pages.language import Language


def percent(share: float, language: Language) -> str:
    """Return a probability with one decimal; 100 % only if it is certain."""
    shown = min(share, 0.999) if share < 1 else share
    return format_percent(shown, format="#,##0.0%", locale=language.code)


def log_odds(value: float, language: Language) -> str:
    """Return a signed number with one decimal."""
    return format_decimal(value, format="+0.0;−0.0", locale=language.code)


def moment(at: datetime, language: Language) -> str:
    """Return a date and time in UTC, with the zone."""
    text = format_datetime(at.astimezone(UTC), "medium", locale=language.code)
    return f"{text} UTC"


def duration(length: timedelta, language: Language) -> str:
    """Return a length of time in its largest unit: "1 hour"; Japanese has no space in it."""
    text = format_timedelta(length, locale=language.code)
    return text.replace(" ", "") if language.code == "ja" else text


def age(since: datetime, language: Language, now: datetime | None = None) -> str:
    """Return how long ago something was, in its largest unit: "3 days"."""
    return format_timedelta((now or datetime.now(UTC)) - since, locale=language.code)
