"""The banks' index: pictures that are blocked or allowed, in the products' own picture fields.

An entry has the products' nested pictures and their `_meta`, so that the same queries run on both.
An entry from a list of hashes has a picture document with that hash alone.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from features.base import ClauseContext, Feature, Json
from features.capabilities import Explaining
from features.registry import Registry
from mappings.catalogue import held_features, products
from mappings.catalogue.errors import ModelMismatch
from mappings.catalogue.fields import KEYWORD
from mappings.catalogue.products import PICTURES, feature_path
from mappings.engine.documents import VersionedWrite
from mappings.engine.gateway import Gateway
from mappings.engine.paging import search_after, search_pages

SCAN_PAGE_SIZE = 1000
MAX_MATCHES = 1000
"""Listings or entries that one hash may match; the caller must say where more are left out."""

PROGRAM_FIELDS: Mapping[str, Json] = {
    "content_id": {"type": "long"},
    "disabled_until": {"type": "long"},
    "metadata": {"type": "object", "enabled": False},
}
"""Fields for programs that match hashes; added to an index that was made without them."""


def bank_mapping(registry: Registry) -> Json:
    """Return the whole mapping, strict like the products'."""
    return {
        "dynamic": "strict",
        "_meta": {"lookalike": products.build_meta(registry)},
        "properties": {
            "id": dict(KEYWORD),
            "bank": dict(KEYWORD),
            "reason": {"type": "text"},
            "holder": dict(KEYWORD),
            "policy": dict(KEYWORD),
            "list": dict(KEYWORD),
            "added_by": dict(KEYWORD),
            "added_at": {"type": "date"},
            **PROGRAM_FIELDS,
            PICTURES: {
                "type": "nested",
                "properties": products.picture_properties(registry.values()),
            },
        },
    }


@dataclass(frozen=True)
class PictureMatch:
    """A stored picture that a feature's clause matched.

    `source` is its document without pictures; `evidence` is in the feature's own terms.
    """

    source: Mapping[str, Json]
    image_id: str
    evidence: Mapping[str, float]


class BankIndex:
    """Reads and writes the entries. Thread-safe."""

    def __init__(
        self, gateway: Gateway, registry: Registry, name: str, spare: Iterable[Feature] = ()
    ) -> None:
        """`spare` are further versions of features, written where the index holds them."""
        self.name = name
        self._spare = tuple(spare)
        self._gateway = gateway
        self._registry = registry
        self._documents = gateway.documents(name)
        self._is_there = False

    def prepare(self) -> Mapping[str, Feature]:
        """Create the index if it is missing; return what to store of a picture: field → feature.

        Raises ModelMismatch when it holds other features.
        """
        if not self._is_there:
            self._gateway.create_index(
                self.name, bank_mapping(self._registry), products.index_settings(1)
            )
            if "content_id" not in self._gateway.properties(self.name):
                (known, *_) = self._gateway.index_meta(self.name).values()
                self._gateway.put_mapping(self.name, known, dict(PROGRAM_FIELDS))
            self._is_there = True
        (meta, *_) = self._gateway.index_meta(self.name).values()
        try:
            held_features.check_features(meta, self._registry)
            return held_features.features_to_write(meta, self._registry, self._spare)
        except ModelMismatch as error:
            raise ModelMismatch(
                f"the banks in {self.name!r} were filled with other features or another model: "
                "use the settings they were filled with, or export their lists, delete that "
                "index and fill it again"
            ) from error

    def create(self, documents: Sequence[Json]) -> dict[str, str]:
        """Store new entries; return id → reason for those refused. Existing ones stay."""
        rows = [(str(document["id"]), document) for document in documents]
        return self._gateway.bulk_create(self.name, rows, stream=False)

    def get(self, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return entries by id with their vectors, as of the last refresh."""
        return self._gateway.documents_by_id(self.name, keys, vectors=True)

    def get_current(self, keys: Sequence[str]) -> dict[str, Json]:
        """Return entries by id without vectors, in real time."""
        return {key: entry.source for key, entry in self._documents.get_many(keys).items()}

    def existing_ids(self, keys: Sequence[str]) -> set[str]:
        """Return which of these ids exist, in real time."""
        return set(self._documents.get_many(keys, fields=["id"]))

    def update(self, key: str, changes: Mapping[str, Json]) -> bool:
        """Change fields of an entry; False where there is none."""
        while (stored := self._documents.get_with_vectors(key)) is not None:
            if self._documents.replace({**stored.source, **changes}, stored) is not None:
                return True
        return False

    def delete(self, *keys: str) -> None:
        """Delete entries, where they are there."""
        # Nanoseconds exceed any version that repeated storing and deleting could reach.
        version = time.time_ns()
        self._documents.write_many([VersionedWrite(key, None, version) for key in keys])

    def showing(self, image_id: str) -> list[Json]:
        """Return the entries that show this picture, with vectors, as of the last refresh."""
        term = {"term": {f"{PICTURES}.image_id": image_id}}
        body = {
            "query": {"nested": {"path": PICTURES, "query": term}},
            "size": MAX_MATCHES,
            "_source": {"exclude_vectors": False},
        }
        return [hit["_source"] for hit in self._gateway.search(self.name, body)["hits"]["hits"]]

    def refresh(self) -> None:
        """Make everything written so far searchable."""
        self._documents.refresh()

    def count_by_bank(self) -> dict[str, int]:
        """Return how many entries each bank has."""
        body = {"size": 0, "aggs": {"banks": {"terms": {"field": "bank"}}}}
        answer = self._gateway.search(self.name, body)
        buckets = answer["aggregations"]["banks"]["buckets"]
        return {bucket["key"]: bucket["doc_count"] for bucket in buckets}

    def page(self, bank: str | None, size: int, after: Sequence[Json] = ()) -> list[Json]:
        """Return a page of hits, newest first; each has `_source` without vectors, and `sort`."""
        body = {
            "query": _in(bank),
            "size": size,
            "sort": [{"added_at": "desc"}, {"id": "asc"}],
            "track_total_hits": False,
            **search_after(after),
        }
        hits: list[Json] = self._gateway.search(self.name, body)["hits"]["hits"]
        return hits

    def scan_values(self, bank: str, name: str) -> Iterator[tuple[str, Json]]:
        """Yield (id, value of the feature `name`) of each picture of a bank that has one, by id."""
        body: Json = {
            "query": _in(bank),
            "sort": [{"id": "asc"}],
            "track_total_hits": False,
            "_source": {"includes": ["id", f"{PICTURES}.{name}"], "exclude_vectors": False},
        }
        for hits in search_pages(partial(self._gateway.search, self.name), body, SCAN_PAGE_SIZE):
            for hit in hits:
                for picture in hit["_source"].get(PICTURES, []):
                    if name in picture:
                        yield hit["_source"]["id"], picture[name]


def match_pictures(
    gateway: Gateway, index: str, feature: Feature, values: Sequence[Json]
) -> list[list[PictureMatch]]:
    """Return, for each value, the stored pictures that the feature's own clause matches.

    One request for all. `source` has the document's fields without pictures; best match first.
    """
    bodies = [_near(feature, value) for value in values]
    return [_read(answer, feature) for answer in gateway.search_many(index, bodies)]


def _near(feature: Feature, value: Json) -> Json:
    inner = {"size": 5, "_source": False, "docvalue_fields": [f"{PICTURES}.image_id"]}
    return {
        "query": {
            "nested": {
                "path": PICTURES,
                "score_mode": "max",
                "query": feature.clause(value, ClauseContext(feature_path(feature))),
                "inner_hits": inner,
            }
        },
        "size": MAX_MATCHES,
        "track_total_hits": False,
        "_source": {"excludes": [PICTURES]},
    }


def _read(answer: Json, feature: Feature) -> list[PictureMatch]:
    matches = []
    for hit in answer["hits"]["hits"]:
        for inner in hit["inner_hits"][PICTURES]["hits"]["hits"]:
            fields = inner["fields"]
            # Elasticsearch has returned nested fields both under their path and flat.
            nested = fields.get(PICTURES)
            ids = nested[0]["image_id"] if nested else fields[f"{PICTURES}.image_id"]
            evidence = feature.evidence(inner["_score"]) if isinstance(feature, Explaining) else {}
            matches.append(PictureMatch(hit["_source"], str(ids[0]), evidence))
    return matches


def _in(bank: str | None) -> Json:
    return {"term": {"bank": bank}} if bank else {"match_all": {}}
