"""Kibana's saved objects: a data view, a saved search, one visualisation a panel, a dashboard.

They are written in the form of Kibana 8.8, from which every later Kibana migrates an import.
`python -m ops.kibana.objects` rewrites the file that a person can import by hand.
"""

import json
from pathlib import Path

from features.base import Json
from mappings.events.event_documents import PATTERN
from ops.kibana.panels import Panel, panels

FILE = Path(__file__).with_name("lookalike.ndjson")
PUBLIC_URL = "http://localhost:8000"
"""Where a browser reaches the shop, unless LOOKALIKE_PUBLIC_URL names another address."""

DATA_VIEW = "lookalike-searches"
SEARCH = "lookalike-search-log"
DASHBOARD = "lookalike-search-health"
THUMBNAIL = "lookalike.top.thumbnail"
COLUMNS = (
    THUMBNAIL,
    "lookalike.query.words",
    "event.action",
    "lookalike.query.features",
    "lookalike.total",
    "lookalike.top.score",
    "lookalike.took_ms",
)
SAVED_IN = "8.8.0"


def saved_objects(public_url: str = PUBLIC_URL) -> list[Json]:
    """Return every saved object; an object stands before those that refer to it."""
    dashboard_panels = panels()
    return [
        _data_view(public_url.rstrip("/")),
        _search(),
        *(_visualisation(panel) for panel in dashboard_panels),
        _dashboard(dashboard_panels),
    ]


def ndjson(public_url: str = PUBLIC_URL) -> str:
    """Return the objects as Kibana imports them: one a line."""
    lines = (
        json.dumps(item, ensure_ascii=False, sort_keys=True) for item in saved_objects(public_url)
    )
    return "".join(f"{line}\n" for line in lines)


def _data_view(public_url: str) -> Json:
    picture = {
        "id": "url",
        "params": {
            "type": "img",
            # rawValue: `value` would be percent-encoded, slashes and all.
            "urlTemplate": f"{public_url}{{{{rawValue}}}}",
            "labelTemplate": "the best hit",
            "width": 96,
            "height": 96,
        },
    }
    took = {"id": "number", "params": {"pattern": "0,0.0"}}
    attributes = {
        "title": PATTERN,
        "name": "lookalike: searches",
        "timeFieldName": "@timestamp",
        "allowNoIndex": True,
        "fieldFormatMap": json.dumps({THUMBNAIL: picture, "lookalike.took_ms": took}),
        "fieldAttrs": "{}",
        "fields": "[]",
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
    }
    return _object("index-pattern", DATA_VIEW, "8.0.0", attributes, [])


def _search() -> Json:
    source = "kibanaSavedObjectMeta.searchSourceJSON.index"
    attributes = {
        "title": "lookalike: search log",
        "description": "Every search and duplicate check, with a picture of its best hit",
        "columns": list(COLUMNS),
        "sort": [["@timestamp", "desc"]],
        "grid": {"columns": {THUMBNAIL: {"width": 120}}},
        "rowHeight": -1,
        "hideChart": False,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "kibanaSavedObjectMeta": _source(indexRefName=source),
    }
    reference = {"id": DATA_VIEW, "name": source, "type": "index-pattern"}
    return _object("search", SEARCH, "8.0.0", attributes, [reference])


def _visualisation(panel: Panel) -> Json:
    title = f"lookalike: {panel.title}"
    spec = json.dumps(panel.spec(), indent=2, ensure_ascii=False)
    state = {"title": title, "type": "vega", "aggs": [], "params": {"spec": spec}}
    attributes = {
        "title": title,
        "description": "",
        "uiStateJSON": "{}",
        "version": 1,
        "visState": json.dumps(state, ensure_ascii=False),
        "kibanaSavedObjectMeta": _source(),
    }
    return _object("visualization", f"lookalike-{panel.key}", "8.5.0", attributes, [])


def _dashboard(dashboard_panels: list[Panel]) -> Json:
    bottom = max(panel.y + panel.height for panel in dashboard_panels)
    tiles = [
        *(
            _tile(panel.key, "visualization", f"lookalike-{panel.key}", panel.title, panel.grid())
            for panel in dashboard_panels
        ),
        _tile("log", "search", SEARCH, "Search log", {"x": 0, "y": bottom, "w": 48, "h": 20}),
    ]
    tile_panels, references = zip(*tiles, strict=True)
    options = {"useMargins": True, "syncColors": False, "hidePanelTitles": False}
    attributes = {
        "title": "lookalike: search health",
        "description": "How much is searched, how fast, and how often in vain",
        "hits": 0,
        "version": 1,
        "timeRestore": True,
        "timeFrom": "now-7d",
        "timeTo": "now",
        "refreshInterval": {"pause": True, "value": 60_000},
        "optionsJSON": json.dumps(options),
        "panelsJSON": json.dumps(tile_panels, ensure_ascii=False),
        "kibanaSavedObjectMeta": _source(),
    }
    return _object("dashboard", DASHBOARD, "8.9.0", attributes, list(references))


def _tile(key: str, kind: str, identity: str, title: str, grid: Json) -> tuple[Json, Json]:
    """Return a panel of the dashboard, and the reference that says what it shows."""
    panel = {
        "panelIndex": key,
        "type": kind,
        "title": title,
        "version": SAVED_IN,
        "gridData": {"i": key, **grid},
        "embeddableConfig": {"enhancements": {}},
        "panelRefName": f"panel_{key}",
    }
    return panel, {"id": identity, "name": f"{key}:panel_{key}", "type": kind}


def _source(**more: str) -> Json:
    search = {"query": {"query": "", "language": "kuery"}, "filter": [], **more}
    return {"searchSourceJSON": json.dumps(search)}


def _object(kind: str, identity: str, version: str, attributes: Json, references: Json) -> Json:
    return {
        "id": identity,
        "type": kind,
        "attributes": attributes,
        "references": references,
        "coreMigrationVersion": SAVED_IN,
        "typeMigrationVersion": version,
        "managed": False,
    }


if __name__ == "__main__":
    FILE.write_text(ndjson(), encoding="utf-8")
