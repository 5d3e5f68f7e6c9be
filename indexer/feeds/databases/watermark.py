"""How far a source has been read by a column that grows with every change.

A transaction may commit a moment that is older than one that was read already. So whenever the
newest moment changes, and for a while after that, rows are read again from some seconds before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.environment import Environment
from core.setting import Setting
from indexer.errors import PositionLost

SETTINGS = (
    Setting(
        "LOOKALIKE_SYNC_OVERLAP_S",
        "10",
        "how far behind the newest change a database is read again, in seconds: at least as long "
        "as its longest transaction",
    ),
)


def overlap_s(environment: Environment) -> float:
    """Return how far back rows are read again, in seconds."""
    return environment.number("LOOKALIKE_SYNC_OVERLAP_S", 10, 0, 86_400)


@dataclass(frozen=True)
class Watermark:
    """The newest mark that was read, and when that was, in seconds since 1970.

    `mark` is a moment, a number or a text; None where the source was empty.
    """

    mark: Any
    met_at: float

    def begin(self, overlap: float) -> Any:
        """Return the mark from which rows are read again; None for all."""
        if isinstance(self.mark, datetime):
            return self.mark - timedelta(seconds=overlap)
        return self.mark

    def is_read(self, newest: Any, overlap: float, now: float) -> bool:
        """Say whether nothing can be there that was not read.

        Raises PositionLost when the newest mark has gone back: a clock or a backup was put back.
        """
        if self.mark is None:
            return newest is None
        if newest is None or _is_before(newest, self.mark):
            raise PositionLost(f"the watermark has gone back from {self.mark} to {newest}")
        return bool(newest == self.mark) and now - self.met_at > overlap

    def moved(self, mark: Any, now: float) -> "Watermark":
        """Return the watermark after rows up to `mark` were read."""
        if self.mark is not None and (mark is None or mark == self.mark):
            return self
        if self.mark is not None and _is_before(mark, self.mark):
            return self
        return Watermark(mark, now)


def _is_before(mark: Any, other: Any) -> bool:
    try:
        return bool(mark < other)
    except TypeError:
        # The column has another kind of value than it had: nothing before can be relied on.
        return True
