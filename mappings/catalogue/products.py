"""The products index: mapping, settings and `_meta`, from the fields and the features in use.

A product is one document. Its pictures are `nested`, so a product is one hit however many pictures
it has, and the values of different pictures are never mixed. Elasticsearch changes none of these
without a reindex: field types, analyzers, `dims`, `similarity`.
"""

from collections.abc import Iterable
from typing import Any

from features.base import Feature, Json
from features.fingerprint import fingerprint
from features.registry import Registry
from mappings.catalogue.analysis import analysis_settings
from mappings.catalogue.fields import KEYWORD, PRODUCT_FIELDS, ProductFields
from mappings.catalogue.sale import IDLE_SALE
from mappings.catalogue.search_terms import search_properties
from mappings.catalogue.versions import field_of

PICTURES = "images"
"""Path of the nested picture documents."""

PENDING = "pending"
"""Field of a picture that names the features still to be extracted; absent once it has them all."""

PHOTO_GROUP = "photo_group"
"""Field that all products showing one photo share: see `mappings.catalogue.photo_group`."""

ITEM_GROUP = "item_group_id"
"""Product field that the variants of a product share, by the feed's word."""

VARIANT_GROUP = "variant_group"
"""Field that all variants of a product share: see `mappings.catalogue.variant_group`."""

CARD_GROUP = "card_group"
"""Field that the products of one card of the storefront share: variants, else one photo."""

FORMAT = 8
"""Bumped when the base fields change meaning; 2 brought `added_at`, 3 `box`, `expires_at` and
`photo_group`, 4 `pending` and the register of fields, 5 terms and values in one spelling, 6 the
beginnings of titles, 7 `variant_group`, `card_group` and what a photo may show, 8 `part`."""

REGION = "region"
"""`source` of a part of a picture: it has the picture's `image_id`, and its `box`."""

SHOPPER = "shopper"
"""`source` of a photo that a shopper confirmed to show the product."""

PART = "part"
"""`source` of a part of a picture that is compared on its own in a duplicate check, such as a panel
of a page: it has the picture's `image_id`, its `box`, and in `part` how it was made."""

PLACEHOLDER = "placeholder"
"""`source` of a picture that says there is none: shown with its product, and without any feature's
value, so that nothing matches it (`indexer.placeholders`)."""

OWN_SOURCES = ("catalogue", PLACEHOLDER)
"""Sources of the pictures that a feed gave a product."""

EXTRA_SOURCES = (REGION, SHOPPER, PART)
"""Further views of a product, which a search matches and nobody shows as its pictures."""

EXTRA_VIEWS: Json = {"terms": {f"{PICTURES}.source": list(EXTRA_SOURCES)}}
"""Matches a nested picture that is a further view: a region, a part or a shopper's photo."""

COMPARED_PICTURES: Json = {"terms": {f"{PICTURES}.source": ["catalogue", "bank", PART]}}
"""Matches what a duplicate check compares: a product's own picture, or a part of one. A `knn`
filter needs this positive form: a `must_not` there applies to the product, which has no `source`
and passes, so neighbours would be regions."""

SHOPPER_PHOTOS: Json = {"term": {f"{PICTURES}.source": SHOPPER}}
"""Matches a nested picture that a shopper sent."""

EXPIRED_PHOTOS: Json = {"range": {f"{PICTURES}.expires_at": {"lte": "now"}}}
"""Matches a nested picture that has expired, by the engine's clock."""

SEGMENT_MB = 256
"""Largest segment that merging makes: 160,000 pictures of 256 numbers, 40,000 of 1,280.

Each segment has its own graph. In a large graph, a large group of nearly identical vectors becomes
an island: a node's links are chosen among its nearest vectors, which are all in its group. Many
candidates for the links (`features.vector.HNSW`) keep graphs of this size connected
(docs/decisions/0010). With fewer segments, a search walks fewer graphs.
"""


def index_mapping(registry: Registry, fields: ProductFields = PRODUCT_FIELDS) -> Json:
    """Return the whole mapping, strict: a field nobody declared is refused, not guessed."""
    return {
        "dynamic": "strict",
        "_meta": {"lookalike": build_meta(registry, fields)},
        "properties": {
            **fields.properties(),
            **search_properties(),
            **made_properties(),
            PICTURES: {"type": "nested", "properties": picture_properties(registry.values())},
        },
    }


def made_properties() -> dict[str, Json]:
    """Return the mapping of the fields that are made from a product's own, beside its words."""
    groups = (PHOTO_GROUP, VARIANT_GROUP, CARD_GROUP)
    return {**{name: {"type": "keyword"} for name in groups}, IDLE_SALE: {"type": "boolean"}}


def picture_properties(features: Iterable[Feature]) -> dict[str, Json]:
    """Return the properties of a nested picture document; the banks' entries have the same."""
    base: dict[str, Json] = {
        # The SHA-256 of the stored file: the same picture has the same id in every product.
        "image_id": dict(KEYWORD),
        "url": {"type": "keyword", "index": False, "doc_values": False},
        "width": {"type": "integer"},
        "height": {"type": "integer"},
        "source": dict(KEYWORD),
        # Which part of the picture a region is, as `crop` says it.
        "box": {"type": "keyword", "index": False},
        # How a part of the picture was made (`features.parts`).
        "part": {"type": "keyword", "index": False},
        # When the picture came to this product; kept for as long as the same bytes stay.
        "added_at": {"type": "date"},
        # From when on a shopper's photo is found no more; absent means never.
        "expires_at": {"type": "date"},
        # The slow features that a load has yet to extract: absent means "there is nothing more".
        PENDING: dict(KEYWORD),
    }
    return base | {field_of(feature): feature.mapping() for feature in features}


def feature_path(feature: Feature) -> str:
    """Return the whole path of a feature's field, such as ``images.embedding``."""
    return f"{PICTURES}.{field_of(feature)}"


def own_pictures(pictures: Iterable[Json]) -> list[Json]:
    """Return a product's own pictures, without regions and shoppers' photos."""
    return [picture for picture in pictures if picture.get("source") not in EXTRA_SOURCES]


def real_pictures(pictures: Iterable[Json]) -> list[Json]:
    """Return a product's own pictures, without those that only say there is none."""
    return [one for one in own_pictures(pictures) if one.get("source") != PLACEHOLDER]


def compared_pictures(pictures: Iterable[Json]) -> list[Json]:
    """Return a product's own pictures and their parts: what a duplicate check compares."""
    left_out = (REGION, SHOPPER, PLACEHOLDER)
    return [picture for picture in pictures if picture.get("source") not in left_out]


def parts_of(pictures: Iterable[Json], image_id: str) -> list[Json]:
    """Return the parts of one of a product's pictures."""
    return [
        picture
        for picture in pictures
        if picture.get("source") == PART and picture["image_id"] == image_id
    ]


def pending_features(pictures: Iterable[Json]) -> list[str]:
    """Return the features that some of the pictures still lack, sorted; [] when all are whole."""
    return sorted({name for picture in pictures for name in picture.get(PENDING, ())})


def picture_key(picture: Json) -> str:
    """Return the key of a picture document within its product."""
    return "#".join(picture[name] for name in ("image_id", "part", "box") if name in picture)


def build_meta(registry: Registry, fields: ProductFields | None = None) -> dict[str, Any]:
    """Return what the index remembers of its features (see `versions`) and its fields' kinds."""
    elsewhere = {
        name: {"field": field_of(feature)}
        for name, feature in registry.items()
        if field_of(feature) != name
    }
    return {
        "format": FORMAT,
        "features": {name: fingerprint(feature) for name, feature in registry.items()},
        **({"placed": elsewhere} if elsewhere else {}),
        **({"fields": fields.kinds()} if fields is not None else {}),
    }


def index_settings(shards: int) -> Json:
    """Return the index settings; a replica appears with the second node, never before."""
    return {
        "number_of_shards": shards,
        "auto_expand_replicas": "0-1",
        "refresh_interval": "1s",
        # A graph walk also visits nodes that the filter excludes: with the engine's default
        # (`acorn`) it can't reach neighbours behind an excluded region. It ends when nothing
        # nearer is left, not when the nearest have been unchanged for a while.
        "index.dense_vector.hnsw_filter_heuristic": "fanout",
        "index.dense_vector.hnsw_enable_early_termination": False,
        "index.merge.policy.max_merged_segment": f"{SEGMENT_MB}mb",
        "analysis": analysis_settings(),
    }
