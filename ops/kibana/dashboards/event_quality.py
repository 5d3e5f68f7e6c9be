"""Event quality: how far the events of shoppers can be trusted."""

from features.base import Json
from ops.kibana.dashboard import Dashboard, DataView, Panel, Table
from ops.kibana.dashboards.shoppers import ATTRIBUTES, EVERY, PATTERN, PRODUCT
from ops.kibana.drawing import bars, lines, most_frequent, over_time

CLICKS = {"term": {"action_name": "click"}}
UNKNOWN = {"term": {f"{ATTRIBUTES}.known": False}}

LATENESS_S = (
    "(doc['event.ingested'].value.toInstant().toEpochMilli() "
    "- doc['timestamp'].value.toInstant().toEpochMilli()) / 1000.0"
)

SAME_CLICK = (
    "String client = doc['client_id'].size() == 0 ? '' : doc['client_id'].value; "
    "String query = doc['query_id'].size() == 0 ? '' : doc['query_id'].value; "
    "String product = doc['event_attributes.object.object_id'].size() == 0 ? '' "
    ": doc['event_attributes.object.object_id'].value; "
    "return client + ' ' + query + ' ' + product;"
)


def dashboard() -> Dashboard:
    """Return the dashboard."""
    return Dashboard(
        "event-quality",
        "event quality",
        "Whether events are joined to their query, of known products, in time and single",
        DataView("events-received", "events as received", PATTERN, "event.ingested"),
        _panels(),
        Table(
            "events-received-log",
            "events as received",
            "Every event, the one received last first",
            (
                "timestamp",
                "action_name",
                "query_id",
                f"{ATTRIBUTES}.joined",
                PRODUCT,
                f"{ATTRIBUTES}.known",
                "client_id",
                "application",
            ),
        ),
        time_from="now-14d",
    )


def _panels() -> tuple[Panel, ...]:
    return (
        _shares(0, 0),
        _lateness(24, 0),
        _repeats(0, 12),
        _top("actions", "Events by what was done", "action_name", EVERY, 24, 12, 12),
        _top("applications", "Events by application", "application", EVERY, 36, 12, 12),
        _top("unknown-products", "Products that are not in the index", PRODUCT, UNKNOWN, 0, 24, 24),
        _anonymous(24, 24),
    )


def _received(among: Json, measured: Json) -> tuple[Json, str]:
    return over_time(among, measured, "event.ingested")


def _shares(x: int, y: int) -> Panel:
    shares = {
        "joined": {"avg": {"field": f"{ATTRIBUTES}.joined"}},
        "known": {"avg": {"field": f"{ATTRIBUTES}.known"}},
    }
    drawing = lines(
        {"joined to a query": "datum.joined.value", "of a known product": "datum.known.value"},
        "share",
        "%",
    )
    title = "Events joined to their query, and of known products"
    return Panel("joined", title, *_received(EVERY, shares), drawing, x, y, 24)


def _lateness(x: int, y: int) -> Panel:
    late = {"percentiles": {"script": {"source": LATENESS_S}, "percents": [50, 95, 99]}}
    drawing = lines(
        {f"p{percent}": f"datum.late.values['{percent}.0']" for percent in (50, 95, 99)}, "seconds"
    )
    title = "How late events come: p50, p95 and p99"
    return Panel("lateness", title, *_received(EVERY, {"late": late}), drawing, x, y, 24)


def _repeats(x: int, y: int) -> Panel:
    """Return the share of clicks by one client on one hit of one query that came before."""
    single = {"single": {"cardinality": {"script": {"source": SAME_CLICK}}}}
    drawing = lines(
        {"repeated": "max(0, 1 - datum.single.value / max(1, datum.doc_count))"}, "share", "%"
    )
    request = _received(CLICKS, single)
    return Panel("repeats", "Clicks on a hit that was clicked before", *request, drawing, x, y, 24)


def _anonymous(x: int, y: int) -> Panel:
    anonymous = {"anonymous": {"missing": {"field": "client_id"}}}
    drawing = lines(
        {"anonymous": "datum.anonymous.doc_count / max(1, datum.doc_count)"}, "share", "%"
    )
    title = "Events without a client"
    return Panel("anonymous", title, *_received(EVERY, anonymous), drawing, x, y, 24)


def _top(key: str, title: str, field: str, among: Json, x: int, y: int, width: int) -> Panel:
    request = most_frequent(field, among)
    return Panel(key, title, *request, bars("doc_count", "events"), x, y, width)
