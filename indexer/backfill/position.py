"""How far a backfill has come, in the state folder: one that was killed goes on from there."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from core import atomic_file
from features.base import Json


@dataclass(frozen=True)
class BackfillPosition:
    """Where a backfill of one index is.

    All products up to `after` are filled in, '' for none, as far as they have not been changed
    later than the ledger's sequence number `since`. `index` and `fingerprint` are those of the
    index and the feature it is about.
    """

    index: str
    fingerprint: Json
    since: int
    after: str = ""
    is_scanned: bool = False


class PositionFile:
    """The position of one feature's backfill in one catalogue."""

    def __init__(self, state_dir: Path, alias: str, feature: str) -> None:
        self._path = state_dir / "backfill" / f"{alias}.{feature}.json"

    @property
    def lock_path(self) -> Path:
        """The lock that a backfill of the feature holds."""
        return self._path.with_suffix(".lock")

    def read(self, index: str, fingerprint: Json) -> BackfillPosition | None:
        """Return how far a backfill came; None where none of this index and feature was begun."""
        try:
            position = BackfillPosition(**json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        same = (position.index, position.fingerprint) == (index, fingerprint)
        return position if same else None

    def write(self, position: BackfillPosition) -> None:
        """Store how far the backfill has come."""
        atomic_file.write(self._path, json.dumps(asdict(position)).encode())

    def remove(self) -> None:
        """Forget the position: the backfill is over."""
        self._path.unlink(missing_ok=True)
