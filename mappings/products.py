"""The products index: base fields, every feature's fragment, settings and `_meta`.

One document a product; its pictures are `nested`, so that a product is one hit however many
pictures it has, and one picture's values are never mixed with another's. What Elasticsearch will
not let us change later without a reindex: field types, analyzers, `dims`, `similarity`.
"""

from collections.abc import Iterator
from typing import Any

from features.base import Feature, Identified, Json
from features.errors import ModelMismatch
from features.registry import Registry
from mappings.analysis import analysis, words

PICTURES = "images"
"""Path of the nested picture documents."""

FORMAT = 2
"""Bumped when the base fields change meaning; 2 brought `added_at`."""

KEYWORD: Json = {"type": "keyword", "ignore_above": 512}


def mapping(registry: Registry) -> Json:
    """Return the whole mapping, strict: a field nobody declared is refused, not guessed."""
    return {
        "dynamic": "strict",
        "_meta": {"lookalike": meta(registry)},
        "properties": {
            "id": dict(KEYWORD),
            "title": words(),
            "description": words(),
            "brand": {**KEYWORD, "fields": {"words": {"type": "text", "analyzer": "words_en"}}},
            # Every ancestor's path is stored, so one term filters a whole branch.
            "category": {**KEYWORD, "fields": {"words": {"type": "text", "analyzer": "words_en"}}},
            "category_id": dict(KEYWORD),
            "color": {**KEYWORD, "fields": {"words": {"type": "text", "analyzer": "words_en"}}},
            "size": dict(KEYWORD),
            # A double, because scaled_float is not in every distribution.
            "price": {"type": "double"},
            "currency": dict(KEYWORD),
            "availability": dict(KEYWORD),
            "stock": {"type": "integer"},
            "item_group_id": dict(KEYWORD),
            "gtin": dict(KEYWORD),
            "seller_id": dict(KEYWORD),
            "link": {"type": "keyword", "index": False, "doc_values": False},
            "image_link": {"type": "keyword", "index": False, "doc_values": False},
            "updated_at": {"type": "date"},
            PICTURES: {"type": "nested", "properties": picture(registry)},
        },
    }


def picture(registry: Registry) -> dict[str, Json]:
    """Return the properties of a nested picture document; the banks' entries have the same."""
    base: dict[str, Json] = {
        # The SHA-256 of the stored file: the same picture has the same id in every product.
        "image_id": dict(KEYWORD),
        "url": {"type": "keyword", "index": False, "doc_values": False},
        "width": {"type": "integer"},
        "height": {"type": "integer"},
        "source": dict(KEYWORD),
        # When the picture came to this product; kept for as long as the same bytes stay.
        "added_at": {"type": "date"},
    }
    return base | {name: feature.mapping() for name, feature in registry.items()}


def meta(registry: Registry) -> dict[str, Any]:
    """Return what the index remembers of the features that filled it."""
    return {
        "format": FORMAT,
        "features": {name: fingerprint(feature) for name, feature in registry.items()},
    }


def fingerprint(feature: Feature) -> dict[str, Any]:
    """Return what two sides must share for this feature's values to be comparable."""
    identity = feature.identity() if isinstance(feature, Identified) else None
    return {"version": feature.version, **({"identity": identity} if identity else {})}


def check(stored: Json, registry: Registry, *, to_write: bool = False) -> None:
    """Raise ModelMismatch unless the index's `_meta` holds every feature as it is here.

    Who writes must also have every feature the index holds: a document written without one would
    look complete, and the picture would never be seen with it again.
    """
    stored = (stored or {}).get("lookalike", {})
    if stored.get("format") != FORMAT:
        raise ModelMismatch(
            f"the index has format {stored.get('format')}, this version needs {FORMAT}; "
            "load the feed again with --rebuild"
        )
    for name, feature in registry.items():
        was, now = stored["features"].get(name), fingerprint(feature)
        if was != now:
            raise ModelMismatch(
                f"the index was built with {name} = {was}, and here it is {now}; "
                "use the settings the index was built with, or load the feed again with --rebuild"
            )
    left_out = sorted(set(stored["features"]) - set(registry))
    if to_write and left_out:
        raise ModelMismatch(
            f"the index also holds {', '.join(left_out)}; to leave it out, load with --rebuild"
        )


def settings(shards: int) -> Json:
    """Return the index settings; a replica appears with the second node, never before."""
    return {
        "number_of_shards": shards,
        "auto_expand_replicas": "0-1",
        "refresh_interval": "1s",
        # A walk along the graph also steps on what the filter leaves out: the engine's own choice
        # (`acorn`) finds no way to neighbours behind a region that is left out. And it ends when
        # nothing nearer is left, not when the nearest have stayed the same for a while.
        "index.dense_vector.hnsw_filter_heuristic": "fanout",
        "index.dense_vector.hnsw_enable_early_termination": False,
        "analysis": analysis(),
    }


def float_vectors(properties: Json, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the path of every float `dense_vector` under `properties`."""
    for name, field in properties.items():
        if field.get("type") == "dense_vector" and field.get("element_type", "float") == "float":
            yield (*path, name)
        yield from float_vectors(field.get("properties", {}), (*path, name))
