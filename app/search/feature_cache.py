"""The features of query pictures, cached on disk for an hour.

A search with a picture can be paged, filtered and shared by its id without sending the picture
again. Only feature values are written, in the state folder, where every worker of this machine
finds them; photos that are to be cropped are in `app.search.photo_store`.
"""

import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.search.errors import PhotoExpired
from features.base import Json

ID = re.compile(r"[A-Za-z0-9_-]{22}")
WRITES_PER_SWEEP = 100
EXPIRED = "this picture search has expired; send the picture again"


def new_query_id() -> str:
    """Return a fresh query id: 128 random bits, so that nobody guesses another's search."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class CachedQuery:
    """The pictures of an earlier search: a mapping of feature to value for each.

    `model_tag` names the models that the values come from. `texts` holds the text in each picture;
    None while it has not been read. `photos` are the names of the stored photos, "" for one that is
    not stored; `crops` is the part of each that the values are of, "" for all of it. Both are ()
    where nothing is known of them.
    """

    query_id: str
    model_tag: str
    pictures: tuple[Mapping[str, Json], ...]
    texts: tuple[str, ...] | None = None
    photos: tuple[str, ...] = ()
    crops: tuple[str, ...] = ()


class QueryFeatureCache:
    """Feature values of query pictures by query id, until they expire.

    `model_tag` names the models in use: values of other models are never loaded.
    """

    def __init__(self, folder: Path, ttl_s: float, model_tag: str = "") -> None:
        self._folder = folder
        self._ttl_s = ttl_s
        self._model_tag = model_tag
        self._writes = 0

    def store(
        self,
        query_id: str,
        pictures: Sequence[Mapping[str, Json]],
        texts: Sequence[str] | None = None,
        photos: Sequence[str] = (),
        crops: Sequence[str] = (),
    ) -> None:
        """Write one query's values: a mapping of feature to value, and the text, per picture.

        `photos` and `crops` are as in CachedQuery.
        """
        if self._ttl_s == 0:
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._writes % WRITES_PER_SWEEP == 0:
            self._sweep()
        self._writes += 1
        record = {
            "model": self._model_tag,
            "pictures": [dict(values) for values in pictures],
            "photos": list(photos),
            "crops": list(crops),
        }
        self._write(query_id, record if texts is None else {**record, "texts": list(texts)})

    def add_texts(self, query_id: str, texts: Sequence[str]) -> None:
        """Add the text in a query's pictures; nothing happens to a query that has expired."""
        cached = self.find(query_id)
        if cached is not None:
            record = {
                "model": cached.model_tag,
                "pictures": list(cached.pictures),
                "photos": list(cached.photos),
                "crops": list(cached.crops),
            }
            self._write(query_id, {**record, "texts": list(texts)})

    def texts(self, query_id: str) -> tuple[str, ...] | None:
        """Return the text in each of a query's pictures, None while it has not been read.

        Raises PhotoExpired when the query is unknown or expired.
        """
        cached = self.find(query_id)
        if cached is None:
            raise PhotoExpired(EXPIRED)
        return cached.texts

    def _write(self, query_id: str, record: Json) -> None:
        partial = self._folder / f".{query_id}"
        partial.write_text(json.dumps(record), encoding="utf-8")
        partial.replace(self._folder / query_id)

    def load(self, query_id: str, cached: CachedQuery | None = None) -> CachedQuery:
        """Return a query, from `cached` where that query has been read already.

        Raises PhotoExpired when the query is unknown, expired or another model's.
        """
        if cached is None or cached.query_id != query_id:
            cached = self.find(query_id)
        if cached is None or not self.is_usable(cached):
            raise PhotoExpired(EXPIRED)
        return cached

    def is_usable(self, cached: CachedQuery) -> bool:
        """Say whether a query's values come from the models in use."""
        return cached.model_tag == self._model_tag

    def find(self, query_id: str) -> CachedQuery | None:
        """Return a query of any model; None when it is unknown or expired."""
        if not ID.fullmatch(query_id):
            return None
        path = self._folder / query_id
        try:
            if time.time() - path.stat().st_mtime > self._ttl_s:
                return None
            record = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        # The first version of this cache wrote the pictures alone.
        if not isinstance(record, dict):
            return None
        texts = record.get("texts")
        return CachedQuery(
            query_id,
            str(record["model"]),
            tuple(record["pictures"]),
            None if texts is None else tuple(texts),
            tuple(record.get("photos", ())),
            tuple(record.get("crops", ())),
        )

    def _sweep(self) -> None:
        oldest = time.time() - self._ttl_s
        for path in self._folder.iterdir():
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink()
            except FileNotFoundError:
                continue  # another worker was faster
