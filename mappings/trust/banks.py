"""The banks' index: pictures that are blocked or allowed, in the products' own picture fields.

An entry has the products' nested pictures and their `_meta`, so that whatever asks the products
about a picture can ask the banks in the same words. An entry from a list of hashes has a picture
document with that hash alone.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from features.base import ClauseContext, Feature, Json
from features.capabilities import Explaining
from features.registry import Registry
from mappings.catalogue import products
from mappings.catalogue.errors import ModelMismatch
from mappings.catalogue.fields import KEYWORD
from mappings.catalogue.products import PICTURES, feature_path
from mappings.engine.documents import VersionedWrite
from mappings.engine.gateway import Gateway

SCAN_PAGE_SIZE = 1000
MAX_MATCHES = 1000
"""Listings or entries that one hash may match; beyond that, who sees them all is told otherwise."""


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
            PICTURES: {
                "type": "nested",
                "properties": products.picture_properties(registry.values()),
            },
        },
    }


@dataclass(frozen=True)
class PictureMatch:
    """One stored picture that a feature's clause matched. `score` is the clause's, 0 to 1."""

    source: Mapping[str, Json]
    image_id: str
    evidence: Mapping[str, float]


class BankIndex:
    """Reads and writes the entries. Thread-safe."""

    def __init__(
        self, gateway: Gateway, registry: Registry, name: str, spare: Iterable[Feature] = ()
    ) -> None:
        """`spare` are further versions of features: one the index holds is written as well."""
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
            self._is_there = True
        (meta, *_) = self._gateway.index_meta(self.name).values()
        try:
            products.check_features(meta, self._registry)
            return products.features_to_write(meta, self._registry, self._spare)
        except ModelMismatch as error:
            raise ModelMismatch(
                f"the banks in {self.name!r} were filled with other features or another model: "
                "use the settings they were filled with, or export their lists, delete that "
                "index and fill it again"
            ) from error

    def create(self, documents: Sequence[Json]) -> dict[str, str]:
        """Store new entries; return id → reason for those refused. One there already stays."""
        rows = [(str(document["id"]), document) for document in documents]
        return self._gateway.bulk_create(self.name, rows, stream=False)

    def get(self, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Return entries by id with their vectors, as of the last refresh."""
        return self._gateway.documents_by_id(self.name, keys, vectors=True)

    def get_current(self, keys: Sequence[str]) -> dict[str, Json]:
        """Return entries by id without vectors, as they are now."""
        return {key: one.source for key, one in self._documents.get_many(keys).items()}

    def existing_ids(self, keys: Sequence[str]) -> set[str]:
        """Return which of these ids there are, as they are now."""
        return set(self._documents.get_many(keys, fields=["id"]))

    def delete(self, key: str) -> None:
        """Delete an entry, if it is there."""
        # Nanoseconds are beyond any version that storing and deleting by turns counts up to.
        self._documents.write_many([VersionedWrite(key, None, time.time_ns())])

    def refresh(self) -> None:
        """Make everything written so far findable."""
        self._documents.refresh()

    def count_by_bank(self) -> dict[str, int]:
        """Return how many entries each bank has."""
        body = {"size": 0, "aggs": {"banks": {"terms": {"field": "bank"}}}}
        answer = self._gateway.search(self.name, body)
        buckets = answer["aggregations"]["banks"]["buckets"]
        return {bucket["key"]: bucket["doc_count"] for bucket in buckets}

    def page(self, bank: str | None, size: int, after: Sequence[Json] = ()) -> list[Json]:
        """Return hits, the newest entries first; each has `_source` without vectors and `sort`."""
        body = {
            "query": _in(bank),
            "size": size,
            "sort": [{"added_at": "desc"}, {"id": "asc"}],
            "track_total_hits": False,
            **({"search_after": list(after)} if after else {}),
        }
        hits: list[Json] = self._gateway.search(self.name, body)["hits"]["hits"]
        return hits

    def scan_values(self, bank: str, name: str) -> Iterator[tuple[str, Json]]:
        """Yield (id, value of the feature `name`) of each picture of a bank that has one, by id."""
        after: list[Json] = []
        while True:
            body: Json = {
                "query": _in(bank),
                "size": SCAN_PAGE_SIZE,
                "sort": [{"id": "asc"}],
                "track_total_hits": False,
                "_source": {"includes": ["id", f"{PICTURES}.{name}"], "exclude_vectors": False},
                **({"search_after": after} if after else {}),
            }
            hits = self._gateway.search(self.name, body)["hits"]["hits"]
            for hit in hits:
                for picture in hit["_source"].get(PICTURES, []):
                    if name in picture:
                        yield hit["_source"]["id"], picture[name]
            if len(hits) < SCAN_PAGE_SIZE:
                return
            after = hits[-1]["sort"]


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
    found = []
    for hit in answer["hits"]["hits"]:
        for inner in hit["inner_hits"][PICTURES]["hits"]["hits"]:
            fields = inner["fields"]
            # Elasticsearch has returned nested fields both under their path and flat.
            nested = fields.get(PICTURES)
            ids = nested[0]["image_id"] if nested else fields[f"{PICTURES}.image_id"]
            told = feature.evidence(inner["_score"]) if isinstance(feature, Explaining) else {}
            found.append(PictureMatch(hit["_source"], str(ids[0]), told))
    return found


def _in(bank: str | None) -> Json:
    return {"term": {"bank": bank}} if bank else {"match_all": {}}
