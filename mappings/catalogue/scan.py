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
from mappings.catalogue.products import EXTRA, PICTURES, SHOPPER, own

PAGE = 64
"""Products a page: with two pictures each and 1,280 floats a picture, about 2 MB of JSON."""

HOLDERS_PAGE = 1000


@dataclass(frozen=True)
class Page:
    """Some products' pictures, as (stored product, one of its picture documents with vectors).

    `position` is where the next page begins.
    """

    pictures: tuple[tuple[Mapping[str, Json], Mapping[str, Json]], ...]
    position: str


@dataclass(frozen=True)
class Holder:
    """A product that shows a picture. `added_at` is ISO 8601; '' where it is not known."""

    product_id: str
    added_at: str
    seller_id: str | None = None


def pages(
    catalogue: Catalogue,
    *,
    since: datetime | None = None,
    after: str | None = None,
    size: int = PAGE,
    shoppers: bool = False,
) -> Iterator[Page]:
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
            if since is None or is_since(picture.get("added_at"), since)
        )
        yield Page(found, str(hits[-1]["sort"][0]))


def is_since(added_at: str | None, since: datetime) -> bool:
    """Say whether a picture was added at or after a moment."""
    return added_at is not None and datetime.fromisoformat(added_at) >= since


def count(catalogue: Catalogue, since: datetime | None = None) -> int:
    """Return how many pictures `pages` would yield from its beginning."""
    wanted = {"match_all": {}} if since is None else _range(since)
    theirs: Json = {"filter": {"bool": {"must": [wanted], "must_not": [EXTRA]}}}
    counted: Json = {"nested": {"path": PICTURES}, "aggs": {"own": theirs}}
    answer = catalogue.search({"size": 0, "query": _added(since), "aggs": {"pictures": counted}})
    return int(answer["aggregations"]["pictures"]["own"]["doc_count"])


def holders(catalogue: Catalogue, image_ids: Iterable[str]) -> dict[str, list[Holder]]:
    """Return image id → the products that show it, by id; a picture nobody shows is left out."""
    wanted = sorted(set(image_ids))
    found: dict[str, list[Holder]] = {}
    for start in range(0, len(wanted), HOLDERS_PAGE):
        some = wanted[start : start + HOLDERS_PAGE]
        for source in _showing(catalogue, some):
            for picture in own(source.get(PICTURES, [])):
                holder = Holder(
                    source["id"], picture.get("added_at", ""), source.get("seller_id") or None
                )
                found.setdefault(picture["image_id"], []).append(holder)
    asked = set(wanted)
    return {image_id: several for image_id, several in found.items() if image_id in asked}


def _showing(catalogue: Catalogue, image_ids: Sequence[str]) -> Iterator[Json]:
    query = _nested({"terms": {f"{PICTURES}.image_id": list(image_ids)}})
    of_pictures = [f"{PICTURES}.{name}" for name in ("image_id", "added_at", "source")]
    source = ["id", "seller_id", *of_pictures]
    for hits in _walked(catalogue, query, source, HOLDERS_PAGE):
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
    return own(pictures) + (sent if shoppers else [])


def _nested(query: Json) -> Json:
    return {"nested": {"path": PICTURES, "query": query}}
