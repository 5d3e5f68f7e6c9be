"""Plain progress lines, at home in a terminal and in a log file alike."""

import time
from collections.abc import Callable
from typing import TypeAlias

Say: TypeAlias = Callable[[str], None]
"""Shows one line to the person who waits."""

EVERY_S = 5.0


class TransferProgress:
    """Tells how far something of known size has grown, every few seconds."""

    def __init__(self, what: str, total_bytes: int, say: Say) -> None:
        self._what = what
        self._total = total_bytes
        self._say = say
        self._began = self._told = time.monotonic()

    def update(self, done_bytes: int) -> None:
        """Say how much is done, at what rate, and how long the rest takes."""
        now = time.monotonic()
        if now - self._told < EVERY_S:
            return
        self._told = now
        rate = done_bytes / (now - self._began)
        rest = f", {(self._total - done_bytes) / rate:.0f} s left" if rate else ""
        self._say(
            f"{self._what}: {done_bytes / 1e6:.0f} of {self._total / 1e6:.0f} MB "
            f"({done_bytes / self._total:.0%}), {rate / 1e6:.1f} MB/s{rest}"
        )
