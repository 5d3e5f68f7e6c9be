"""Shoppers: what they see, click and buy, by category, rank and variant of an experiment."""

from features.base import Json
from mappings.events.ubi_mapping import EVENTS_DATASET
from ops.kibana.dashboard import Dashboard, DataView, Panel, Table
from ops.kibana.drawing import TIME, bars, lines, most_frequent, number, over_time, stacked_bars

PATTERN = f"logs-{EVENTS_DATASET}-*"
EVERY: Json = {"match_all": {}}
ATTRIBUTES = "event_attributes"
PRODUCT = f"{ATTRIBUTES}.object.object_id"
PICTURE = "product_picture"
RANK = f"{ATTRIBUTES}.position.ordinal"
RANKS = 30

REVENUE = (
    "double price = doc['event_attributes.price'].size() == 0 ? 0 "
    ": doc['event_attributes.price'].value; "
    "double quantity = doc['event_attributes.quantity'].size() == 0 ? 1 "
    ": doc['event_attributes.quantity'].value; "
    "return price * quantity;"
)


def dashboard() -> Dashboard:
    """Return the dashboard."""
    return Dashboard(
        "shoppers",
        "shoppers",
        "What shoppers see, click and buy",
        DataView(
            "events",
            "events of shoppers",
            PATTERN,
            pictures={PICTURE: "/api/v1/products/{{value}}/picture"},
            pages={PRODUCT: "/products/{{value}}"},
            copies={PICTURE: PRODUCT},
        ),
        _panels(),
        Table(
            "event-log",
            "events of shoppers",
            "Every event of a shopper, the newest first",
            (
                PICTURE,
                "action_name",
                "user_query",
                PRODUCT,
                RANK,
                f"{ATTRIBUTES}.category",
                f"{ATTRIBUTES}.variant",
                f"{ATTRIBUTES}.price",
                "application",
            ),
        ),
        time_from="now-14d",
    )


def _panels() -> tuple[Panel, ...]:
    return (
        _events(0, 0),
        _rates(24, 0),
        _by_category(0, 12),
        _by_rank(24, 12),
        _by_variant(0, 24),
        _revenue(24, 24),
        _clicked(0, 36),
        _bought(24, 36),
    )


def _action(name: str) -> Json:
    return {"filter": {"term": {"action_name": name}}}


def _counts() -> Json:
    return {"seen": _action("impression"), "clicked": _action("click")}


CLICK_RATE = "datum.clicked.doc_count / max(1, datum.seen.doc_count)"


def _events(x: int, y: int) -> Panel:
    actions = {"action": {"terms": {"field": "action_name"}}}
    drawing = stacked_bars("action", "events", "what")
    return Panel("events", "What shoppers do", *over_time(EVERY, actions), drawing, x, y, 24)


def _rates(x: int, y: int) -> Panel:
    counts = {**_counts(), "bought": _action("purchase")}
    drawing = lines(
        {
            "clicks": CLICK_RATE,
            "purchases": "datum.bought.doc_count / max(1, datum.seen.doc_count)",
        },
        "share of impressions",
        "%",
    )
    title = "Clicks and purchases for each impression"
    return Panel("rates", title, *over_time(EVERY, counts), drawing, x, y, 24)


def _by_category(x: int, y: int) -> Panel:
    values = {"terms": {"field": f"{ATTRIBUTES}.category", "size": 20}, "aggs": _counts()}
    drawing = bars("rate", "clicks for each impression", "%")
    drawing["transform"] = [{"calculate": CLICK_RATE, "as": "rate"}]
    body = {"size": 0, "aggs": {"categories": values}}
    rows = "aggregations.categories.buckets"
    return Panel("rate-by-category", "Click rate by category", body, rows, drawing, x, y, 24)


def _by_rank(x: int, y: int) -> Panel:
    ranks = {"field": RANK, "size": RANKS, "order": {"_key": "asc"}}
    drawing = {
        "transform": [{"calculate": CLICK_RATE, "as": "rate"}],
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": {"field": "key", "type": "ordinal", "title": "rank"},
            "y": number("rate", "clicks for each impression", "%"),
        },
    }
    body = {"size": 0, "aggs": {"ranks": {"terms": ranks, "aggs": _counts()}}}
    rows = "aggregations.ranks.buckets"
    return Panel("rate-by-rank", "Click rate by rank", body, rows, drawing, x, y, 24)


def _by_variant(x: int, y: int) -> Panel:
    variants = {"terms": {"field": f"{ATTRIBUTES}.variant"}, "aggs": _counts()}
    experiments = {
        "terms": {"field": f"{ATTRIBUTES}.experiment"},
        "aggs": {"variants": variants},
    }
    rate = CLICK_RATE.replace("datum.", "datum.variant.")
    drawing = bars("rate", "clicks for each impression", "%")
    drawing["transform"] = [
        {"flatten": ["variants.buckets"], "as": ["variant"]},
        {"calculate": "datum.key + ': ' + datum.variant.key", "as": "name"},
        {"calculate": rate, "as": "rate"},
    ]
    drawing["encoding"]["y"]["field"] = "name"
    body = {"size": 0, "aggs": {"experiments": experiments}}
    title = "Click rate by experiment and variant"
    rows = "aggregations.experiments.buckets"
    return Panel("rate-by-variant", title, body, rows, drawing, x, y, 24)


def _revenue(x: int, y: int) -> Panel:
    """Return the sum of prices times quantities, in the shop's own currency."""
    revenue = {"revenue": {"sum": {"script": {"source": REVENUE}}}}
    drawing = {
        "transform": [{"calculate": "datum.revenue.value", "as": "sales"}],
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {"x": TIME, "y": number("sales", "revenue")},
    }
    request = over_time({"term": {"action_name": "purchase"}}, revenue)
    return Panel("revenue", "Revenue", *request, drawing, x, y, 24)


def _clicked(x: int, y: int) -> Panel:
    request = most_frequent("user_query", {"term": {"action_name": "click"}})
    drawing = bars("doc_count", "clicks")
    return Panel("clicked-queries", "Queries clicked on most", *request, drawing, x, y, 24)


def _bought(x: int, y: int) -> Panel:
    request = most_frequent(PRODUCT, {"term": {"action_name": "purchase"}})
    drawing = bars("doc_count", "purchases")
    return Panel("bought-products", "Products bought most", *request, drawing, x, y, 24)
