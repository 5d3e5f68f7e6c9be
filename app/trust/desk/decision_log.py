"""The append-only log of decisions: filtered, paged, and read as CSV."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.search import cursor as cursors
from app.trust.desk.decision import Decision, picture_from_key
from core.csv_line import csv_line
from features.base import Json
from mappings.engine.documents import Documents
from mappings.engine.paging import search_after

NEWEST_FIRST = [{"at": "desc"}, {"id": "desc"}]

COLUMNS = (
    "at",
    "reviewer",
    "action",
    "case_id",
    "queue",
    "subject",
    "product_id",
    "image_id",
    "verdict",
    "policy",
    "comment",
    "disagrees",
)


@dataclass(frozen=True)
class LogFilter:
    """Selects log entries; None matches any. `since` is included, `until` is not."""

    reviewer: str | None = None
    action: str | None = None
    queue: str | None = None
    verdict: str | None = None
    policy: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    case_id: str | None = None

    def query(self) -> Json:
        """Return the Elasticsearch query."""
        names = ("reviewer", "action", "queue", "verdict", "policy", "case_id")
        terms = [
            {"term": {name: value}} for name in names if (value := getattr(self, name)) is not None
        ]
        ends = {"gte": self.since, "lt": self.until}
        span = {name: value.isoformat() for name, value in ends.items() if value is not None}
        return {"bool": {"filter": [*terms, *([{"range": {"at": span}}] if span else [])]}}


@dataclass(frozen=True)
class LogPage:
    """Some log entries, newest first. `cursor` is None on the last page."""

    entries: tuple[Decision, ...]
    total: int
    cursor: str | None


class DecisionLog:
    """Appends to the log and reads it."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def append(self, decision: Decision) -> None:
        """Add an entry; adding the same decision again changes nothing."""
        self._documents.create(decision.id, decision.to_json())

    def page(self, log_filter: LogFilter, size: int = 50, cursor: str | None = None) -> LogPage:
        """Return the entries after `cursor`; raises InvalidQuery for a foreign cursor.

        New entries do not change later pages: they come before the first.
        """
        after = search_after(cursors.page_start(cursor))
        self._documents.refresh()
        body = {"query": log_filter.query(), "sort": NEWEST_FIRST, "track_total_hits": True}
        found = self._documents.search({**body, **after, "size": size + 1})["hits"]
        hits = found["hits"]
        entries = tuple(Decision.from_json(hit["_source"]) for hit in hits[:size])
        return LogPage(entries, found["total"]["value"], cursors.next_page(hits, size))

    def csv(self, log_filter: LogFilter) -> Iterator[str]:
        """Yield the matching entries as CSV (RFC 4180): a header, then a row per verdict."""
        self._documents.refresh()
        yield csv_line(COLUMNS)
        for stored in self._documents.scan({"query": log_filter.query(), "sort": NEWEST_FIRST}):
            yield from _rows(Decision.from_json(stored.source))


def _rows(decision: Decision) -> Iterator[str]:
    disagrees = "" if decision.disagrees is None else str(decision.disagrees).lower()
    for key, verdict in decision.verdicts.items() or [("", "")]:
        picture = picture_from_key(key)
        yield csv_line(
            (
                decision.at.isoformat(),
                decision.reviewer,
                decision.action,
                decision.case_id or "",
                decision.queue or "",
                decision.subject or "",
                picture.product_id,
                picture.image_id,
                verdict,
                decision.policy,
                decision.comment,
                disagrees,
            )
        )
