"""What panels are made of: requests that give rows, and the Vega-Lite pictures of such rows."""

from features.base import Json

TIME: Json = {"field": "key", "type": "temporal", "title": None}
ROWS = 15
"""Values that a panel of the most frequent ones shows."""


def over_time(among: Json, measured: Json, field: str = "@timestamp") -> tuple[Json, str]:
    """Return a request for figures over time, and where its rows are."""
    # The interval fits the range by itself, so the request is the same for every range.
    histogram = {"auto_date_histogram": {"field": field, "buckets": 60}, "aggs": measured}
    filtered = {"filter": among, "aggs": {"over_time": histogram}}
    return {"size": 0, "aggs": {"among": filtered}}, "aggregations.among.over_time.buckets"


def most_frequent(field: str, among: Json) -> tuple[Json, str]:
    """Return a request for the most frequent values of a field, and where its rows are."""
    values = {"top": {"terms": {"field": field, "size": ROWS}}}
    body = {"size": 0, "aggs": {"among": {"filter": among, "aggs": values}}}
    return body, "aggregations.among.top.buckets"


def bars(field: str, title: str, form: str = "") -> Json:
    """Return a bar a row, the longest first; `form` is a format of d3, such as `%`."""
    return {
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "y": {"field": "key", "type": "nominal", "sort": "-x", "title": None},
            "x": number(field, title, form),
        },
    }


def stacked_bars(aggregation: str, title: str, name: str) -> Json:
    """Return a bar a time, stacked by the values that an inner `terms` aggregation counts."""
    return {
        "transform": [
            {"flatten": [f"{aggregation}.buckets"], "as": ["found"]},
            {"calculate": "datum.found.key", "as": name},
            {"calculate": "datum.found.doc_count", "as": title},
        ],
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": TIME,
            "y": number(title, title),
            "color": {"field": name, "type": "nominal", "title": None},
        },
    }


def lines(values: dict[str, str], title: str, form: str = "") -> Json:
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
            "y": number("value", title, form),
            "color": {"field": "line", "type": "nominal", "title": None, "sort": names},
        },
    }


def number(field: str, title: str, form: str = "") -> Json:
    """Return an axis of numbers."""
    axis = {"axis": {"format": form}} if form else {}
    return {"field": field, "type": "quantitative", "title": title, **axis}
