"""Finds files that several products show as a picture of theirs, and the products that do."""

from collections.abc import Iterator
from dataclasses import dataclass

from features.base import Json
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PICTURES
from mappings.engine.paging import search_pages

MOST_PICTURES = 200
"""Shared files that are looked at, those of most products first."""

SAMPLE = 200
"""Products of each that tell what they are."""

PAGE = 500

OWN: Json = {"term": {f"{PICTURES}.source": "catalogue"}}


@dataclass(frozen=True)
class SharedPicture:
    """A file that `products` products show; the other values are those of a sample of them.

    `categories` are the first levels of their paths.
    """

    image_id: str
    products: int
    addresses: frozenset[str]
    categories: frozenset[str]
    brands: frozenset[str]


def find_shared_pictures(catalogue: Catalogue, least: int) -> Iterator[SharedPicture]:
    """Yield the files that at least so many products show, those of most products first."""
    terms = {"field": f"{PICTURES}.image_id", "min_doc_count": least, "size": MOST_PICTURES}
    shared = {"terms": terms, "aggs": {"products": {"reverse_nested": {}}}}
    own = {"filter": OWN, "aggs": {"shared": shared}}
    body = {
        "size": 0,
        "track_total_hits": False,
        "aggs": {"pictures": {"nested": {"path": PICTURES}, "aggs": {"own": own}}},
    }
    answer = catalogue.search(body)
    for bucket in answer["aggregations"]["pictures"]["own"]["shared"]["buckets"]:
        yield _shared(catalogue, str(bucket["key"]), int(bucket["products"]["doc_count"]))


def products_showing(catalogue: Catalogue, image_id: str) -> Iterator[str]:
    """Yield the ids of the products that show a file as their own picture, in their order."""
    body: Json = {
        "query": _showing(image_id),
        "sort": [{"id": "asc"}],
        "_source": False,
        "track_total_hits": False,
    }
    for hits in search_pages(catalogue.search, body, PAGE):
        yield from (hit["_id"] for hit in hits)


def _shared(catalogue: Catalogue, image_id: str, products: int) -> SharedPicture:
    parts = [f"{PICTURES}.image_id", f"{PICTURES}.url"]
    body = {
        "size": SAMPLE,
        "query": _showing(image_id),
        "_source": ["category", "brand", *parts],
        "track_total_hits": False,
    }
    sources = [hit["_source"] for hit in catalogue.search(body)["hits"]["hits"]]
    return SharedPicture(
        image_id,
        products,
        addresses=frozenset(
            picture.get("url", "")
            for source in sources
            for picture in source[PICTURES]
            if picture["image_id"] == image_id
        ),
        categories=frozenset(path[0] for source in sources if (path := source.get("category"))),
        brands=frozenset(str(brand) for source in sources if (brand := source.get("brand"))),
    )


def _showing(image_id: str) -> Json:
    same = {"term": {f"{PICTURES}.image_id": image_id}}
    return {"nested": {"path": PICTURES, "query": {"bool": {"filter": [same, OWN]}}}}
