"""Finds the cases that pictures represent already, so that no pair is asked about twice."""

from collections.abc import Iterable

from app.trust.desk.case import Case
from mappings.trust.desk import DeskIndex

PHOTO_QUEUES = ("flood", "same_file", "same_photo")
"""Queues whose cases ask whether pictures are the same photo."""

PRODUCT_QUEUES = ("same_product",)

IMAGES_AT_ONCE = 1000


class ExistingCases:
    """Finds cases by their representatives."""

    def __init__(self, index: DeskIndex) -> None:
        self._index = index

    def represented_by(self, image_ids: Iterable[str], queues: Iterable[str]) -> list[Case]:
        """Return all cases of these queues, open and decided, that the pictures represent.

        In the order they were opened.
        """
        self._index.prepare()
        self._index.cases.refresh()
        ids, found = sorted(set(image_ids)), []
        for start in range(0, len(ids), IMAGES_AT_ONCE):
            conditions = [
                {"terms": {"representative.image_id": ids[start : start + IMAGES_AT_ONCE]}},
                {"terms": {"queue": list(queues)}},
            ]
            body = {"query": {"bool": {"filter": conditions}}, "sort": [{"id": "asc"}]}
            found += [Case.from_json(stored.source) for stored in self._index.cases.scan(body)]
        return sorted(found, key=lambda case: (case.opened_at, case.id))
