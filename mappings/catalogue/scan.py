"""Scans all stored pictures, page by page and restartable; finds the products that show a picture.

The order is the product's id, which never changes. So a position means the same after any
interruption: a scan meets every product that is there throughout exactly once, whatever is written
meanwhile. A point in time would only keep segments alive for as long as a scan lasts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from features.base import Json
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import (
    EXTRA_VIEWS,
    PICTURES,
    PLACEHOLDER,
    SHOPPER,
    real_pictures,
)
from mappings.engine.paging import search_pages

PAGE_SIZE = 64
"""Products per page: with two pictures each and 1,280 floats a picture, about 2 MB of JSON."""

LISTINGS_PAGE_SIZE = 1000
"""Pictures looked up, and products read, per request; vectors are not read."""


@dataclass(frozen=True)
class PicturePage:
    """The pictures of some products, as (stored product, picture document with its vectors).

    `position` is where the next page begins.
    """

    pictures: tuple[tuple[Mapping[str, Json], Mapping[str, Json]], ...]
    position: str


@dataclass(frozen=True)
class PictureListing:
    """A product that shows a picture. `added_at` is ISO 8601; '' where it is not known.

    `first_image_id` is the product's first picture, which may be this one.
    """

    product_id: str
    added_at: str
    seller_id: str | None = None
    item_group_id: str | None = None
    first_image_id: str = ""


def scan_pictures(
    catalogue: Catalogue,
    *,
    since: datetime | None = None,
    after: str | None = None,
    size: int = PAGE_SIZE,
    shoppers: bool = False,
) -> Iterator[PicturePage]:
    """Yield every picture, or those added at or after `since`, from behind position `after`.

    With `shoppers`, also the photos that shoppers sent. A picture without `added_at` counts as
    old. Raises what `Catalogue.search` does.
    """
    source = {"exclude_vectors": False}
    for hits in _scan(catalogue, _added_query(since), source, size, after):
        pictures = tuple(
            (hit["_source"], picture)
            for hit in hits
            for picture in _scanned(hit["_source"].get(PICTURES, []), shoppers)
            if since is None or was_added_since(picture.get("added_at"), since)
        )
        yield PicturePage(pictures, str(hits[-1]["sort"][0]))


def was_added_since(added_at: str | None, since: datetime) -> bool:
    """Say whether a picture was added at or after a moment."""
    return added_at is not None and datetime.fromisoformat(added_at) >= since


def count_pictures(catalogue: Catalogue, since: datetime | None = None) -> int:
    """Return how many pictures `scan_pictures` yields from its beginning."""
    added = {"match_all": {}} if since is None else _range(since)
    placeholders = {"term": {f"{PICTURES}.source": PLACEHOLDER}}
    own: Json = {"filter": {"bool": {"must": [added], "must_not": [EXTRA_VIEWS, placeholders]}}}
    pictures: Json = {"nested": {"path": PICTURES}, "aggs": {"own": own}}
    body = {"size": 0, "query": _added_query(since), "aggs": {"pictures": pictures}}
    answer = catalogue.search(body)
    return int(answer["aggregations"]["pictures"]["own"]["doc_count"])


def listings_showing(
    catalogue: Catalogue, image_ids: Iterable[str]
) -> dict[str, list[PictureListing]]:
    """Return image id → the products that show it, by id; pictures that none shows are left out."""
    ids = sorted(set(image_ids))
    listings: dict[str, list[PictureListing]] = {}
    for start in range(0, len(ids), LISTINGS_PAGE_SIZE):
        for source in _products_showing(catalogue, ids[start : start + LISTINGS_PAGE_SIZE]):
            pictures = real_pictures(source.get(PICTURES, []))
            for picture in pictures:
                listing = PictureListing(
                    source["id"],
                    picture.get("added_at", ""),
                    source.get("seller_id") or None,
                    source.get("item_group_id") or None,
                    pictures[0]["image_id"],
                )
                listings.setdefault(picture["image_id"], []).append(listing)
    return {image_id: listings[image_id] for image_id in ids if image_id in listings}


def _products_showing(catalogue: Catalogue, image_ids: Sequence[str]) -> Iterator[Json]:
    query = _nested({"terms": {f"{PICTURES}.image_id": list(image_ids)}})
    picture_fields = [f"{PICTURES}.{name}" for name in ("image_id", "added_at", "source")]
    fields = ["id", "seller_id", "item_group_id", *picture_fields]
    for hits in _scan(catalogue, query, fields, LISTINGS_PAGE_SIZE):
        for hit in hits:
            yield hit["_source"]


def _scan(
    catalogue: Catalogue, query: Json, source: Json, size: int, after: str | None = None
) -> Iterator[list[Json]]:
    """Yield the hits of a query in pages, by id from behind `after`."""
    body: Json = {
        "query": query,
        "sort": [{"id": "asc"}],
        "track_total_hits": False,
        "_source": source,
    }
    return search_pages(catalogue.search, body, size, None if after is None else [after])


def _added_query(since: datetime | None) -> Json:
    return {"match_all": {}} if since is None else _nested(_range(since))


def _range(since: datetime) -> Json:
    return {"range": {f"{PICTURES}.added_at": {"gte": since.isoformat()}}}


def _scanned(pictures: Sequence[Json], shoppers: bool) -> list[Json]:
    of_shoppers = [picture for picture in pictures if picture.get("source") == SHOPPER]
    return real_pictures(pictures) + (of_shoppers if shoppers else [])


def _nested(query: Json) -> Json:
    return {"nested": {"path": PICTURES, "query": query}}
