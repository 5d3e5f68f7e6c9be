"""Asks an overloaded or absent Elasticsearch again, a few times, before the work ends."""

from collections.abc import Callable
from typing import TypeVar

from core.errors import Busy, EngineUnavailable

T = TypeVar("T")

PAUSES_S = (1, 4, 16, 64)
"""Waits before the next try; then the error is let through."""


def patiently(work: Callable[[], T], pause: Callable[[float], None]) -> T:
    """Do what is safe to repeat, again where Elasticsearch could not answer."""
    for pause_s in PAUSES_S:
        try:
            return work()
        except (Busy, EngineUnavailable):
            pause(pause_s)
    return work()
