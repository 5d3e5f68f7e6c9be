"""Finds files that several products show as a picture of theirs, and the products that do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from features.base import Json
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import OWN_SOURCES, PICTURES, PLACEHOLDER
from mappings.engine.paging import search_pages

MOST_PICTURES = 200
"""Shared files that are looked at, those of most products first."""

SAMPLE = 200
"""Products of each that tell what they are."""

PAGE = 500

OWN: Json = {"term": {f"{PICTURES}.source": "catalogue"}}
MARKED: Json = {"term": {f"{PICTURES}.source": PLACEHOLDER}}
EITHER: Json = {"terms": {f"{PICTURES}.source": list(OWN_SOURCES)}}


@dataclass(frozen=True)
class SharedPicture:
    """A file that `products` products show; the other values are those of a sample of them.

    `categories` are the first levels of their paths. With `is_marked`, some of the products have it
    as a placeholder already.
    """

    image_id: str
    products: int
    is_marked: bool
    addresses: frozenset[str]
    categories: frozenset[str]
    brands: frozenset[str]


def find_shared_pictures(
    catalogue: Catalogue, least: int, image_ids: Sequence[str] | None = None
) -> Iterator[SharedPicture]:
    """Yield the files that at least so many products show, those of most products first.

    Files that are placeholders everywhere are left out. With `image_ids`, looks at those alone.
    """
    terms: Json = {"field": f"{PICTURES}.image_id", "min_doc_count": least, "size": MOST_PICTURES}
    chosen = EITHER
    if image_ids is not None:
        terms["include"] = list(image_ids)
        chosen = {"bool": {"filter": [EITHER, {"terms": {f"{PICTURES}.image_id": [*image_ids]}}]}}
    counts = {
        "products": {"reverse_nested": {}},
        "unmarked": {"filter": OWN},
        "marked": {"filter": MARKED},
    }
    own = {"filter": chosen, "aggs": {"shared": {"terms": terms, "aggs": counts}}}
    body = {
        "size": 0,
        "track_total_hits": False,
        "aggs": {"pictures": {"nested": {"path": PICTURES}, "aggs": {"own": own}}},
    }
    answer = catalogue.search(body)
    for bucket in answer["aggregations"]["pictures"]["own"]["shared"]["buckets"]:
        if bucket["unmarked"]["doc_count"]:
            yield _shared(catalogue, bucket)


def products_showing(catalogue: Catalogue, image_id: str) -> Iterator[str]:
    """Yield the ids of the products that show a file as a picture to match, in their order."""
    body: Json = {
        "query": _showing(image_id, OWN),
        "sort": [{"id": "asc"}],
        "_source": False,
        "track_total_hits": False,
    }
    for hits in search_pages(catalogue.search, body, PAGE):
        yield from (hit["_id"] for hit in hits)


def _shared(catalogue: Catalogue, bucket: Json) -> SharedPicture:
    image_id = str(bucket["key"])
    parts = [f"{PICTURES}.image_id", f"{PICTURES}.url"]
    body = {
        "size": SAMPLE,
        "query": _showing(image_id, EITHER),
        "_source": ["category", "brand", *parts],
        "track_total_hits": False,
    }
    sources = [hit["_source"] for hit in catalogue.search(body)["hits"]["hits"]]
    return SharedPicture(
        image_id,
        int(bucket["products"]["doc_count"]),
        bool(bucket["marked"]["doc_count"]),
        addresses=frozenset(
            picture.get("url", "")
            for source in sources
            for picture in source[PICTURES]
            if picture["image_id"] == image_id
        ),
        categories=frozenset(path[0] for source in sources if (path := source.get("category"))),
        brands=frozenset(str(brand) for source in sources if (brand := source.get("brand"))),
    )


def _showing(image_id: str, source: Json) -> Json:
    same = {"term": {f"{PICTURES}.image_id": image_id}}
    return {"nested": {"path": PICTURES, "query": {"bool": {"filter": [same, source]}}}}
