"""Catalogue: what is in the index, how fresh it is, what is missing or still to be extracted."""

from collections.abc import Mapping

from features.base import Json
from mappings.catalogue.products import EXTRA_VIEWS, PENDING, PICTURES, PLACEHOLDER
from ops.kibana.dashboard import Dashboard, DataView, Panel, Table
from ops.kibana.drawing import TIME, bars, most_frequent, number, over_time

INDEX = "products"
"""Alias of the product index, unless LOOKALIKE_INDEX names another."""

EVERY: Json = {"match_all": {}}
CHANGED = "updated_at"


def dashboard(index: str = INDEX) -> Dashboard:
    """Return the dashboard of the index with this alias."""
    return Dashboard(
        "catalogue",
        "catalogue",
        "What is in the index, how fresh it is, and what is missing",
        DataView("products", "products", index, CHANGED, numbers={"price": "0,0.00"}),
        _panels(),
        Table(
            "product-list",
            "products",
            "Every product, the one changed last first",
            ("title", "brand", "category", "price", "currency", "availability", "seller_id"),
        ),
        time_from="now-1y",
    )


def _panels() -> tuple[Panel, ...]:
    return (
        _changes(0, 0),
        _missing(24, 0),
        _top("categories", "Categories", "category", 0, 12),
        _top("brands", "Brands", "brand", 16, 12),
        _top("sellers", "Sellers", "seller_id", 32, 12),
        _top("availability", "Availability", "availability", 0, 24),
        _pictures("sources", "Pictures by source", "source", 16, 24),
        _pictures("pending", "Pictures with features to come", PENDING, 32, 24),
        _prices(0, 36),
    )


def _changes(x: int, y: int) -> Panel:
    drawing = {
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {"x": TIME, "y": number("doc_count", "products")},
    }
    request = over_time(EVERY, {}, CHANGED)
    return Panel("changes", "Products by their last change", *request, drawing, x, y, 24)


def _missing(x: int, y: int) -> Panel:
    """Return how many products lack what shoppers need to find and judge them."""
    lacks = {name: {"bool": {"must_not": [has]}} for name, has in _needs().items()}
    body = {"size": 0, "aggs": {"lacks": {"filters": {"filters": lacks, "keyed": False}}}}
    drawing = bars("doc_count", "products")
    title = "Products without …"
    return Panel("missing", title, body, "aggregations.lacks.buckets", drawing, x, y, 24)


def _needs() -> Mapping[str, Json]:
    fields = {name: {"exists": {"field": name}} for name in ("price", "brand", "category")}
    none = [{"term": {f"{PICTURES}.source": PLACEHOLDER}}, EXTRA_VIEWS]
    shown = {"bool": {"filter": [{"exists": {"field": f"{PICTURES}.image_id"}}], "must_not": none}}
    return {**fields, "a picture": {"nested": {"path": PICTURES, "query": shown}}}


def _top(key: str, title: str, field: str, x: int, y: int) -> Panel:
    request = most_frequent(field, EVERY)
    return Panel(key, title, *request, bars("doc_count", "products"), x, y, 16)


def _pictures(key: str, title: str, field: str, x: int, y: int) -> Panel:
    values = {"top": {"terms": {"field": f"{PICTURES}.{field}"}}}
    nested = {"nested": {"path": PICTURES}, "aggs": values}
    body = {"size": 0, "aggs": {"pictures": nested}}
    drawing = bars("doc_count", "pictures")
    return Panel(key, title, body, "aggregations.pictures.top.buckets", drawing, x, y, 16)


def _prices(x: int, y: int) -> Panel:
    """Return the median price of each category, in the products' own currencies."""
    price = {"price": {"percentiles": {"field": "price", "percents": [50]}}}
    categories = {"top": {"terms": {"field": "category", "size": 30}, "aggs": price}}
    drawing = bars("median", "median price")
    drawing["transform"] = [{"calculate": "datum.price.values['50.0']", "as": "median"}]
    title = "Median price by category"
    return Panel(
        "prices",
        title,
        {"size": 0, "aggs": categories},
        "aggregations.top.buckets",
        drawing,
        x,
        y,
        48,
        14,
    )
