"""Goes through all stored pictures, in pages and restartable; finds who holds a picture.

The order is the product's id, which never changes, so a position in it means the same after any
interruption: every product that is there throughout is met exactly once, whatever else is written
meanwhile. A point in time would add nothing but segments kept alive for as long as a walk lasts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from features.base import Json
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import EXTRA_VIEWS, PICTURES, SHOPPER, own_pictures

PAGE_SIZE = 64
"""Products a page: with two pictures each and 1,280 floats a picture, about 2 MB of JSON."""

LISTINGS_PAGE_SIZE = 1000


@dataclass(frozen=True)
class PicturePage:
    """Some products' pictures, as (stored product, one of its picture documents with vectors).

    `position` is where the next page begins.
    """

    pictures: tuple[tuple[Mapping[str, Json], Mapping[str, Json]], ...]
    position: str


@dataclass(frozen=True)
class PictureListing:
    """A product that shows a picture. `added_at` is ISO 8601; '' where it is not known."""

    product_id: str
    added_at: str
    seller_id: str | None = None


def scan_pictures(
    catalogue: Catalogue,
    *,
    since: datetime | None = None,
    after: str | None = None,
    size: int = PAGE_SIZE,
    shoppers: bool = False,
) -> Iterator[PicturePage]:
    """Yield every picture, or those added at or after `since`, from behind position `after`.

    With `shoppers`, also the photos that shoppers sent. A picture that lacks `added_at` counts as
    old. Raises what `Catalogue.search` does.
    """
    source = {"exclude_vectors": False}
    for hits in _walked(catalogue, _added(since), source, size, after):
        found = tuple(
            (hit["_source"], picture)
            for hit in hits
            for picture in _met(hit["_source"].get(PICTURES, []), shoppers)
            if since is None or was_added_since(picture.get("added_at"), since)
        )
        yield PicturePage(found, str(hits[-1]["sort"][0]))


def was_added_since(added_at: str | None, since: datetime) -> bool:
    """Say whether a picture was added at or after a moment."""
    return added_at is not None and datetime.fromisoformat(added_at) >= since


def count_pictures(catalogue: Catalogue, since: datetime | None = None) -> int:
    """Return how many pictures `pages` would yield from its beginning."""
    wanted = {"match_all": {}} if since is None else _range(since)
    theirs: Json = {"filter": {"bool": {"must": [wanted], "must_not": [EXTRA_VIEWS]}}}
    counted: Json = {"nested": {"path": PICTURES}, "aggs": {"own": theirs}}
    answer = catalogue.search({"size": 0, "query": _added(since), "aggs": {"pictures": counted}})
    return int(answer["aggregations"]["pictures"]["own"]["doc_count"])


def listings_showing(
    catalogue: Catalogue, image_ids: Iterable[str]
) -> dict[str, list[PictureListing]]:
    """Return image id → the products that show it, by id; a picture nobody shows is left out."""
    wanted = sorted(set(image_ids))
    found: dict[str, list[PictureListing]] = {}
    for start in range(0, len(wanted), LISTINGS_PAGE_SIZE):
        some = wanted[start : start + LISTINGS_PAGE_SIZE]
        for source in _showing(catalogue, some):
            for picture in own_pictures(source.get(PICTURES, [])):
                holder = PictureListing(
                    source["id"], picture.get("added_at", ""), source.get("seller_id") or None
                )
                found.setdefault(picture["image_id"], []).append(holder)
    asked = set(wanted)
    return {image_id: several for image_id, several in found.items() if image_id in asked}


def _showing(catalogue: Catalogue, image_ids: Sequence[str]) -> Iterator[Json]:
    query = _nested({"terms": {f"{PICTURES}.image_id": list(image_ids)}})
    of_pictures = [f"{PICTURES}.{name}" for name in ("image_id", "added_at", "source")]
    source = ["id", "seller_id", *of_pictures]
    for hits in _walked(catalogue, query, source, LISTINGS_PAGE_SIZE):
        for hit in hits:
            yield hit["_source"]


def _walked(
    catalogue: Catalogue, query: Json, source: Json, size: int, after: str | None = None
) -> Iterator[Sequence[Json]]:
    """Yield the hits of a query in pages, none of them empty, by id from behind `after`."""
    body: Json = {
        "query": query,
        "size": size,
        "sort": [{"id": "asc"}],
        "track_total_hits": False,
        "_source": source,
    }
    while True:
        asked = body if after is None else {**body, "search_after": [after]}
        hits = catalogue.search(asked)["hits"]["hits"]
        if hits:
            yield hits
        if len(hits) < size:
            return
        after = str(hits[-1]["sort"][0])


def _added(since: datetime | None) -> Json:
    return {"match_all": {}} if since is None else _nested(_range(since))


def _range(since: datetime) -> Json:
    return {"range": {f"{PICTURES}.added_at": {"gte": since.isoformat()}}}


def _met(pictures: Sequence[Json], shoppers: bool) -> list[Json]:
    sent = [picture for picture in pictures if picture.get("source") == SHOPPER]
    return own_pictures(pictures) + (sent if shoppers else [])


def _nested(query: Json) -> Json:
    return {"nested": {"path": PICTURES, "query": query}}
