"""What query pictures showed, kept for an hour; the pictures themselves are not.

A search with a picture can be paged, filtered and shared by its `query_id` without sending the
picture again. Only features' values are written, in the state folder, where every worker of this
machine finds them.
"""

import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.errors import NotFound
from features.base import Json

KEY = re.compile(r"[A-Za-z0-9_-]{22}")
SWEEP_EVERY = 100


def new_query_id() -> str:
    """Return a fresh query id: 128 random bits, so that nobody guesses another's search."""
    return secrets.token_urlsafe(16)


class QueryFeatureCache:
    """Values of query pictures by query id, on disk, until they expire.

    `model` tags the models that they come from: values of others are never given out.
    """

    def __init__(self, folder: Path, keep_s: float, model: str = "") -> None:
        self._folder = folder
        self._model = model
        self._keep_s = keep_s
        self._writes = 0

    def store(self, key: str, pictures: Sequence[Mapping[str, Json]]) -> None:
        """Write one query's values; one mapping of feature to value per picture."""
        if self._keep_s == 0:
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._writes % SWEEP_EVERY == 0:
            self._sweep()
        self._writes += 1
        partial = self._folder / f".{key}"
        kept = {"model": self._model, "pictures": [dict(values) for values in pictures]}
        partial.write_text(json.dumps(kept), encoding="utf-8")
        partial.replace(self._folder / key)

    def load(self, key: str) -> list[dict[str, Json]]:
        """Return a query's values; raises NotFound when unknown, expired or another model's."""
        kept = self._kept(key)
        if kept is None or kept["model"] != self._model:
            raise NotFound("this picture search is no longer remembered; send the picture again")
        pictures: list[dict[str, Json]] = kept["pictures"]
        return pictures

    def model_tag(self, key: str) -> str | None:
        """Return the tag that a query's values were kept with; None when not remembered."""
        kept = self._kept(key)
        return str(kept["model"]) if kept else None

    def _kept(self, key: str) -> dict[str, Json] | None:
        if not KEY.fullmatch(key):
            return None
        path = self._folder / key
        try:
            if time.time() - path.stat().st_mtime > self._keep_s:
                return None
            kept = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        # A version of the program before this one kept the pictures alone.
        return kept if isinstance(kept, dict) else None

    def _sweep(self) -> None:
        oldest = time.time() - self._keep_s
        for path in self._folder.iterdir():
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink()
            except FileNotFoundError:
                continue  # another worker was faster
