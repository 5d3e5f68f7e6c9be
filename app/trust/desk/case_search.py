"""Searches the cases: by listing, queue, state and reviewer, the latest change first."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.search import cursor as cursors
from app.trust.desk.case import DECIDED, OPEN, WITHDRAWN, Case, CaseVersion
from app.trust.desk.decision import Clock, now
from features.base import Json
from mappings.engine.documents import Documents
from mappings.engine.paging import search_after
from mappings.engine.stored_document import StoredDocument

WAITING, CLAIMED = "waiting", "claimed"
STATES = (WAITING, CLAIMED, DECIDED, WITHDRAWN)
"""States to search for: open and nobody's, open and with a reviewer, decided, withdrawn."""

LATEST_FIRST = [{"updated_at": "desc"}, {"id": "desc"}]
MAX_CASES = 1000
"""Cases read at once: those of one reviewer, or those whose verdicts are counted."""


@dataclass(frozen=True)
class CaseFilter:
    """Selects cases; None matches any.

    `product_ids` are listings, one of which a case must show, or, with `seller`, a listing that was
    that seller's when the case was opened. `reviewer` has the case or decided it. `state` is one of
    STATES.
    """

    product_ids: Sequence[str] | None = None
    seller: str | None = None
    queue: str | None = None
    state: str | None = None
    reviewer: str | None = None

    def query(self, at: datetime) -> Json:
        """Return the Elasticsearch query, for the claims that hold at that time."""
        parts: list[Json] = []
        if self.product_ids is not None:
            ids = list(self.product_ids)
            names = ("product_ids", "representative.product_id")
            ways: list[Json] = [{"terms": {name: ids}} for name in names]
            if self.seller is not None:
                ways.append({"term": {"seller_ids": self.seller}})
            parts.append(_any_of(*ways))
        if self.queue is not None:
            parts.append({"term": {"queue": self.queue}})
        is_claimed = {"range": {"held_until": {"gt": at.isoformat()}}}
        if self.state is not None:
            parts.append(
                {"term": {"state": OPEN if self.state in (WAITING, CLAIMED) else self.state}}
            )
        if self.reviewer is not None:
            holds = {"bool": {"filter": [{"term": {"holder": self.reviewer}}, is_claimed]}}
            parts.append(_any_of(holds, {"term": {"decided_by": self.reviewer}}))
        if self.state == CLAIMED:
            parts.append(is_claimed)
        excluded = [is_claimed] if self.state == WAITING else []
        return {"bool": {"filter": parts, "must_not": excluded}}


@dataclass(frozen=True)
class CasePage:
    """Some cases, the latest change first. `cursor` is None on the last page."""

    cases: tuple[Case, ...]
    total: int
    cursor: str | None


class CaseSearch:
    """Searches stored cases as they are now. `prepare` creates the index where it is missing."""

    def __init__(
        self, documents: Documents, prepare: Callable[[], None], clock: Clock = now
    ) -> None:
        self._documents = documents
        self._prepare = prepare
        self._clock = clock

    def page(self, case_filter: CaseFilter, size: int, cursor: str | None = None) -> CasePage:
        """Return the cases after `cursor`; raises InvalidQuery for a foreign cursor."""
        after = search_after(cursors.page_start(cursor))
        query = case_filter.query(self._clock())
        body = {"query": query, "sort": LATEST_FIRST, "track_total_hits": True}
        found = self._search({**body, **after, "size": size + 1})
        hits = found["hits"]
        cases = tuple(
            _case(hit["_source"], hit["_seq_no"], hit["_primary_term"]) for hit in hits[:size]
        )
        return CasePage(cases, found["total"]["value"], cursors.next_page(hits, size))

    def count(self, case_filter: CaseFilter) -> int:
        """Return how many cases match."""
        body = {"query": case_filter.query(self._clock()), "size": 0, "track_total_hits": True}
        total: int = self._search(body)["total"]["value"]
        return total

    def count_verdicts(self, product_ids: Sequence[str]) -> Counter[str]:
        """Return verdict → members that are one of these listings, in the latest decided cases."""
        query = CaseFilter(product_ids=product_ids, state=DECIDED).query(self._clock())
        body = {"query": query, "sort": LATEST_FIRST, "size": MAX_CASES}
        found = self._search({**body, "_source": ["members.product_id", "members.verdict"]})
        listings = frozenset(product_ids)
        return Counter(
            member["verdict"]
            for hit in found["hits"]
            for member in hit["_source"]["members"]
            if member["product_id"] in listings
        )

    def claimed_by(self, reviewer: str) -> list[Case]:
        """Return the open cases that this reviewer has."""
        at = self._clock().isoformat()
        claimed = [{"term": {"holder": reviewer}}, {"range": {"held_until": {"gt": at}}}]
        return self._open_cases(claimed)

    def skipped_by(self, reviewer: str, queue: str) -> list[Case]:
        """Return the open cases of a queue that this reviewer skipped, the oldest first.

        The first reviewer of a case counts as having skipped its second look.
        """
        return self._open_cases([{"term": {"skipped_by": reviewer}}, {"term": {"queue": queue}}])

    def _open_cases(self, terms: Sequence[Json]) -> list[Case]:
        query = {"bool": {"filter": [{"term": {"state": OPEN}}, *terms]}}
        body = {"query": query, "sort": [{"opened_at": "asc"}, {"id": "asc"}], "size": MAX_CASES}
        self._prepare()
        self._documents.refresh()
        return [_stored_case(stored) for stored in self._documents.find(body)]

    def _search(self, body: Json) -> Json:
        self._prepare()
        self._documents.refresh()
        return self._documents.search(body)["hits"]


def _stored_case(stored: StoredDocument) -> Case:
    return _case(stored.source, stored.seq_no, stored.primary_term)


def _case(source: Json, seq_no: int, primary_term: int) -> Case:
    return Case.from_json(source, CaseVersion(seq_no, primary_term))


def _any_of(*queries: Json) -> Json:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}
