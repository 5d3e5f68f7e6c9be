"""Finds the cases about listings, so that nothing is asked twice."""

from collections.abc import Iterable

from app.trust.desk.case import DECIDED, OPEN, Case
from features.base import Json
from mappings.trust.desk import DeskIndex

PHOTO_QUEUES = ("flood", "same_file", "same_photo")
"""Queues whose cases ask whether pictures are the same photo."""

PRODUCT_QUEUES = ("same_product",)

LISTINGS_AT_ONCE = 1000


class ExistingCases:
    """Finds cases by their listings."""

    def __init__(self, index: DeskIndex) -> None:
        self._index = index

    def about(self, product_ids: Iterable[str], queues: Iterable[str]) -> list[Case]:
        """Return the open and decided cases of these queues about the listings.

        In the order they were opened.
        """
        ids, found = sorted(set(product_ids)), dict[str, Case]()
        for start in range(0, len(ids), LISTINGS_AT_ONCE):
            part = ids[start : start + LISTINGS_AT_ONCE]
            fields = ("product_ids", "representative.product_id")
            is_about = {"bool": {"should": [{"terms": {name: part}} for name in fields]}}
            wanted = [is_about, {"terms": {"state": [OPEN, DECIDED]}}]
            found |= {case.id: case for case in self._find(wanted, queues)}
        return _in_order(found.values())

    def waiting(self, queues: Iterable[str]) -> list[Case]:
        """Return all open cases of these queues, in the order they were opened."""
        return _in_order(self._find([{"term": {"state": OPEN}}], queues))

    def _find(self, conditions: list[Json], queues: Iterable[str]) -> list[Case]:
        self._index.prepare()
        self._index.cases.refresh()
        wanted = [*conditions, {"terms": {"queue": list(queues)}}]
        body = {"query": {"bool": {"filter": wanted}}, "sort": [{"id": "asc"}]}
        return [Case.from_json(stored.source) for stored in self._index.cases.scan(body)]


def _in_order(cases: Iterable[Case]) -> list[Case]:
    return sorted(cases, key=lambda case: (case.opened_at, case.id))
