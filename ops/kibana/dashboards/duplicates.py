"""Duplicates and verdicts: what reviewers decide, on what evidence, and how often they undo it."""

from features.base import Json
from mappings.events.decision_events import PATTERN
from ops.kibana.dashboard import Dashboard, DataView, Panel, Table
from ops.kibana.drawing import bars, lines, most_frequent, over_time, stacked_bars

EVERY: Json = {"match_all": {}}
DECISION = "lookalike.decision"
PICTURE = "/images/{{rawValue}}.jpg"
LISTING, BESIDE = f"{DECISION}.entity.image_id", f"{DECISION}.beside.image_id"
UNDONE: Json = {"exists": {"field": f"{DECISION}.undoes"}}


def dashboard() -> Dashboard:
    """Return the dashboard."""
    return Dashboard(
        "duplicates",
        "duplicates and verdicts",
        "What reviewers decide about listings, on what evidence",
        DataView("decisions", "decisions", PATTERN, pictures={LISTING: PICTURE, BESIDE: PICTURE}),
        _panels(),
        Table(
            "decision-log",
            "decisions",
            "Every decision, with the listing's picture and the one beside it",
            (
                LISTING,
                BESIDE,
                f"{DECISION}.label",
                f"{DECISION}.evidence.p_same_photo",
                "event.action",
                f"{DECISION}.queue",
                f"{DECISION}.entity.product_id",
                f"{DECISION}.beside.product_id",
                "user.name",
            ),
        ),
        time_from="now-30d",
    )


def _panels() -> tuple[Panel, ...]:
    return (
        _decisions(0, 0),
        _undone(24, 0),
        _sureness(0, 12),
        _top("labels", "Verdicts", "label", 24, 12, 12),
        _top("queues", "Queues", "queue", 36, 12, 12),
        _top("edits", "Edits that copies have", "transformations.name", 0, 24, 16),
        _top("differences", "Why pictures are no copies", "evidence.difference", 16, 24, 16),
        _reviewers(32, 24),
    )


def _decisions(x: int, y: int) -> Panel:
    labels = {"label": {"terms": {"field": f"{DECISION}.label"}}}
    drawing = stacked_bars("label", "listings", "verdict")
    request = over_time(EVERY, labels)
    return Panel("decisions", "Listings decided, by verdict", *request, drawing, x, y, 24)


def _undone(x: int, y: int) -> Panel:
    drawing = lines({"undone": "datum.undone.doc_count / max(1, datum.doc_count)"}, "share", "%")
    request = over_time(EVERY, {"undone": {"filter": UNDONE}})
    return Panel("undone", "Decisions undone", *request, drawing, x, y, 24)


def _sureness(x: int, y: int) -> Panel:
    """Return how sure the check was of what was decided: each bar a twentieth of probability."""
    sure = {"field": f"{DECISION}.evidence.p_same_photo", "interval": 0.05, "min_doc_count": 0}
    labels = {"label": {"terms": {"field": f"{DECISION}.label"}}}
    body = {"size": 0, "aggs": {"sure": {"histogram": sure, "aggs": labels}}}
    drawing = stacked_bars("label", "listings", "verdict")
    probability = {"field": "key", "type": "ordinal", "title": "P(same photo)"}
    drawing["encoding"] |= {"x": {**probability, "axis": {"format": ".2f"}}}
    title = "How sure the check was of what was decided"
    return Panel("sureness", title, body, "aggregations.sure.buckets", drawing, x, y, 24)


def _reviewers(x: int, y: int) -> Panel:
    drawing = bars("doc_count", "listings")
    request = most_frequent("user.name", EVERY)
    return Panel("reviewers", "Reviewers", *request, drawing, x, y, 16)


def _top(key: str, title: str, field: str, x: int, y: int, width: int) -> Panel:
    request = most_frequent(f"{DECISION}.{field}", EVERY)
    return Panel(key, title, *request, bars("doc_count", "listings"), x, y, width)
