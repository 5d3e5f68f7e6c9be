"""The stored cases: read, written over the state that was read, and counted."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.trust.desk.case import DECIDED, OPEN, QUEUES, Case, CaseVersion
from app.trust.desk.decision import Decision
from core.errors import NotFound
from features.base import Json
from mappings.engine.documents import Documents
from mappings.engine.stored_document import StoredDocument

CASE_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
OLDEST_FIRST = [{"opened_at": "asc"}, {"id": "asc"}]
STEPS = 101


@dataclass(frozen=True)
class QueueState:
    """A queue: undecided cases, how many of them are claimed now, and when the oldest opened."""

    open: int
    claimed: int
    oldest: datetime | None


@dataclass(frozen=True)
class StoredCase:
    """A case as stored. `pending` is a decision whose effects are not all carried out yet."""

    case: Case
    pending: Decision | None
    stored: StoredDocument


class CaseStore:
    """Reads and writes cases."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def load(self, case_id: str) -> StoredCase:
        """Return a case as it is now; raises NotFound."""
        stored = None
        if CASE_ID.fullmatch(case_id):
            stored = self._documents.get_many([case_id]).get(case_id)
        if stored is None:
            raise NotFound(f"there is no case {case_id[:80]!r}")
        return _entry(stored)

    def load_many(self, case_ids: Sequence[str]) -> dict[str, StoredCase]:
        """Return the cases that exist, by id, as they are now."""
        return {k: _entry(v) for k, v in self._documents.get_many(case_ids).items()}

    def states(self, case_ids: Sequence[str]) -> dict[str, str]:
        """Return the state of each case that exists, by id, as it is now."""
        found = self._documents.get_many(case_ids, ["state"])
        return {key: stored.source["state"] for key, stored in found.items()}

    def create(self, case: Case) -> bool:
        """Store a new case; False if its id is taken."""
        return self._documents.create(case.id, _document(case, None)) is not None

    def write(
        self, case: Case, over: StoredCase, pending: Decision | None = None
    ) -> StoredCase | None:
        """Store a case over the state that was read; None if that has changed since."""
        stored = self._documents.replace(_document(case, pending), over.stored)
        return None if stored is None else _entry(stored)

    def refresh(self) -> None:
        """Make everything written so far visible to searches."""
        self._documents.refresh()

    def list_waiting(
        self, queue: str, reviewer: str, at: datetime, min_probability: float, size: int
    ) -> list[StoredCase]:
        """Return the oldest open cases that no other reviewer has and this one did not skip."""
        is_claimed = {"range": {"held_until": {"gt": at.isoformat()}}}
        is_own = {"term": {"holder": reviewer}}
        is_taken = {"bool": {"filter": [is_claimed], "must_not": [is_own]}}
        required = [
            {"term": {"state": OPEN}},
            {"term": {"queue": queue}},
            {"term": {"settled": True}},
            {"range": {"probability": {"gte": min_probability}}},
        ]
        excluded = [{"term": {"skipped_by": reviewer}}, is_taken]
        query = {"bool": {"filter": required, "must_not": excluded}}
        hits = self._documents.find({"query": query, "sort": OLDEST_FIRST, "size": size})
        return [_entry(stored) for stored in hits]

    def list_unfinished(self, before: datetime) -> list[StoredCase]:
        """Return cases with an action from before that time whose effects are still pending."""
        is_old = {"range": {"updated_at": {"lt": before.isoformat()}}}
        query = {"bool": {"filter": [{"term": {"settled": False}}, is_old]}}
        return [_entry(stored) for stored in self._documents.find({"query": query, "size": 100})]

    def queue_states(self, at: datetime) -> dict[str, QueueState]:
        """Return the state of every queue."""
        aggregated = self._aggregate_open(
            {
                "queues": {
                    "terms": {"field": "queue", "size": len(QUEUES)},
                    "aggs": {
                        "held": {"filter": {"range": {"held_until": {"gt": at.isoformat()}}}},
                        "oldest": {"min": {"field": "opened_at"}},
                    },
                }
            }
        )
        found = {bucket["key"]: bucket for bucket in aggregated["queues"]["buckets"]}
        return {name: _state(found.get(name)) for name in QUEUES}

    def count_by_threshold(self, queue: str | None = None) -> list[tuple[float, int]]:
        """Return, for every hundredth t from 0 to 1, how many open cases have P ≥ t."""
        steps = [step / (STEPS - 1) for step in range(STEPS)]
        ranges = [{"key": f"{number:03d}", "from": t} for number, t in enumerate(steps)]
        buckets = self._aggregate_open(
            {"steps": {"range": {"field": "probability", "keyed": True, "ranges": ranges}}}, queue
        )["steps"]["buckets"]
        return [(t, buckets[f"{number:03d}"]["doc_count"]) for number, t in enumerate(steps)]

    def decided_cases(self, queue: str) -> Iterator[Case]:
        """Yield the decided cases of a queue."""
        wanted = [{"term": {"state": DECIDED}}, {"term": {"queue": queue}}]
        body = {"query": {"bool": {"filter": wanted}}, "sort": [{"id": "asc"}]}
        return (_entry(stored).case for stored in self._documents.scan(body))

    def _aggregate_open(self, aggregations: Json, queue: str | None = None) -> Json:
        wanted = [{"term": {"state": OPEN}}, *([{"term": {"queue": queue}}] if queue else [])]
        body = {"size": 0, "query": {"bool": {"filter": wanted}}, "aggs": aggregations}
        return self._documents.search(body)["aggregations"]


def _document(case: Case, pending: Decision | None) -> Json:
    decision = pending.to_json() if pending else None
    return {**case.to_json(), "settled": pending is None, "pending": decision}


def _entry(stored: StoredDocument) -> StoredCase:
    case = Case.from_json(stored.source, CaseVersion(stored.seq_no, stored.primary_term))
    pending = stored.source["pending"]
    return StoredCase(case, Decision.from_json(pending) if pending else None, stored)


def _state(bucket: Mapping[str, Json] | None) -> QueueState:
    if bucket is None:
        return QueueState(0, 0, None)
    oldest = datetime.fromisoformat(bucket["oldest"]["value_as_string"])
    return QueueState(bucket["doc_count"], bucket["held"]["doc_count"], oldest)
