"""The panels of the search-health dashboard: an Elasticsearch request and a Vega-Lite picture each.

Kibana adds the dashboard's time range and filters to a request itself (``%context%``), and for
that leaves no room for a query of ours: what a panel narrows down, it does in an aggregation.
"""

from dataclasses import dataclass

from features.base import Json
from mappings.events.event_documents import PATTERN

SEARCHES = {"term": {"event.action": "search"}}
CHECKS = {"term": {"event.action": "duplicate_check"}}
WITHOUT_RESULTS = {"bool": {"filter": [SEARCHES, {"term": {"lookalike.zero_results": True}}]}}

TIME = {"field": "key", "type": "temporal", "title": None}
ROWS = 15


@dataclass(frozen=True)
class Panel:
    """A picture and where it stands; the dashboard is 48 columns wide, a row is 20 pixels."""

    key: str
    title: str
    body: Json
    rows: str
    drawing: Json
    x: int
    y: int
    width: int
    height: int = 12

    def grid(self) -> Json:
        """Return its place on the dashboard."""
        return {"x": self.x, "y": self.y, "w": self.width, "h": self.height}

    def spec(self) -> Json:
        """Return the Vega-Lite specification, as Kibana reads it."""
        request = {"%context%": True, "%timefield%": "@timestamp", "index": PATTERN}
        return {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "data": {"url": {**request, "body": self.body}, "format": {"property": self.rows}},
            **self.drawing,
        }


def panels() -> list[Panel]:
    """Return the panels, row by row."""
    return [
        _searches(0, 0),
        _durations(24, 0),
        _shares(0, 12),
        _stages(24, 12),
        _top("words", "Top words", "lookalike.query.words", SEARCHES, 0, 24),
        _top(
            "misses", "Top words without results", "lookalike.query.words", WITHOUT_RESULTS, 16, 24
        ),
        _top("plans", "Plan kinds", "lookalike.plan.kind", SEARCHES, 32, 24),
        _top("features", "Features used", "lookalike.query.features", SEARCHES, 0, 36),
        _top("filters", "Filters used", "lookalike.query.filter_names", SEARCHES, 16, 36),
        _verdicts(32, 36),
    ]


def _searches(x: int, y: int) -> Panel:
    drawing = {
        "mark": "bar",
        "encoding": {"x": TIME, "y": _number("doc_count", "searches")},
    }
    return Panel("searches", "Searches over time", *_over_time(SEARCHES, {}), drawing, x, y, 24)


def _durations(x: int, y: int) -> Panel:
    took = {"took": {"percentiles": {"field": "lookalike.took_ms", "percents": [50, 95]}}}
    # Percentiles come under names with a dot in them, which a field path cannot reach.
    drawing = _lines(
        {"p50": "datum.took.values['50.0']", "p95": "datum.took.values['95.0']"}, "milliseconds"
    )
    return Panel("took", "Time taken: p50 and p95", *_over_time(SEARCHES, took), drawing, x, y, 24)


def _shares(x: int, y: int) -> Panel:
    shares = {
        "zero": {"avg": {"field": "lookalike.zero_results"}},
        "low": {"avg": {"field": "lookalike.low_confidence"}},
    }
    drawing = _lines({"no results": "datum.zero.value", "a guess": "datum.low.value"}, "share", "%")
    title = "Searches without results, and with low confidence"
    return Panel("shares", title, *_over_time(SEARCHES, shares), drawing, x, y, 24)


def _stages(x: int, y: int) -> Panel:
    stages = ("decode", "features", "engine")
    means = {stage: {"avg": {"field": f"lookalike.stages_ms.{stage}"}} for stage in stages}
    drawing = _lines({stage: f"datum.{stage}.value" for stage in stages}, "milliseconds")
    title = "Where the time goes: mean per stage"
    return Panel("stages", title, *_over_time(SEARCHES, means), drawing, x, y, 24)


def _top(key: str, title: str, field: str, among: Json, x: int, y: int) -> Panel:
    top_values = {"top": {"terms": {"field": field, "size": ROWS}}}
    drawing = {
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "y": {"field": "key", "type": "nominal", "sort": "-x", "title": None},
            "x": _number("doc_count", "searches"),
        },
    }
    body = {"size": 0, "aggs": {"among": {"filter": among, "aggs": top_values}}}
    return Panel(key, title, body, "aggregations.among.top.buckets", drawing, x, y, 16)


def _verdicts(x: int, y: int) -> Panel:
    verdicts = {"verdict": {"terms": {"field": "lookalike.verdict"}}}
    drawing = {
        "transform": [
            {"flatten": ["verdict.buckets"], "as": ["found"]},
            {"calculate": "datum.found.key", "as": "verdict"},
            {"calculate": "datum.found.doc_count", "as": "checks"},
        ],
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": TIME,
            "y": _number("checks", "checks"),
            "color": {"field": "verdict", "type": "nominal", "title": None},
        },
    }
    title = "Duplicate checks by verdict"
    return Panel("verdicts", title, *_over_time(CHECKS, verdicts), drawing, x, y, 16)


def _over_time(among: Json, measured: Json) -> tuple[Json, str]:
    """Return a request for figures over time, and where its rows are."""
    # The interval fits the range by itself, so the request is the same for every range.
    histogram = {"auto_date_histogram": {"field": "@timestamp", "buckets": 60}, "aggs": measured}
    filtered = {"filter": among, "aggs": {"over_time": histogram}}
    body = {"size": 0, "aggs": {"among": filtered}}
    return body, "aggregations.among.over_time.buckets"


def _lines(values: dict[str, str], title: str, form: str = "") -> Json:
    """Return a line per name; each name's value is a Vega expression over a row."""
    names = list(values)
    return {
        "transform": [
            *({"calculate": value, "as": name} for name, value in values.items()),
            {"fold": names, "as": ["line", "value"]},
            {"filter": "isValid(datum.value)"},
        ],
        "mark": {"type": "line", "point": True, "tooltip": True},
        "encoding": {
            "x": TIME,
            "y": {**_number("value", title), **({"axis": {"format": form}} if form else {})},
            "color": {"field": "line", "type": "nominal", "title": None, "sort": names},
        },
    }


def _number(field: str, title: str) -> Json:
    return {"field": field, "type": "quantitative", "title": title}
