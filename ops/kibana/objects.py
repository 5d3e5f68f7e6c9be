"""Kibana's saved objects: for each dashboard a data view, a table and one visualisation a panel.

They are written in the form of Kibana 8.8, from which every later Kibana migrates an import.
`python -m ops kibana write` rewrites the file that a person can import by hand.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from features.base import Json
from ops.kibana.dashboard import WIDTH, Dashboard, DataView, Panel
from ops.kibana.dashboards import catalogue, dashboards

FILE = Path(__file__).with_name("lookalike.ndjson")
PUBLIC_URL = "http://localhost:8000"
"""Where a browser reaches the shop, unless LOOKALIKE_PUBLIC_URL names another address."""

SAVED_IN = "8.8.0"


def saved_objects(public_url: str = PUBLIC_URL, index: str = catalogue.INDEX) -> list[Json]:
    """Return every saved object; an object stands before those that refer to it.

    `index` is the alias of the product index.
    """
    return [
        item
        for dashboard in dashboards(index)
        for item in _objects(dashboard, public_url.rstrip("/"))
    ]


def ndjson(public_url: str = PUBLIC_URL, index: str = catalogue.INDEX) -> str:
    """Return the objects as Kibana imports them: one a line."""
    lines = (
        json.dumps(item, ensure_ascii=False, sort_keys=True)
        for item in saved_objects(public_url, index)
    )
    return "".join(f"{line}\n" for line in lines)


def copy_script(source: str) -> str:
    """Return the script of a field that has the first value of another, and none without it."""
    return f"if (doc['{source}'].size() > 0) {{ emit(doc['{source}'].value) }}"


def _objects(dashboard: Dashboard, public_url: str) -> Iterable[Json]:
    yield _data_view(dashboard.view, public_url)
    yield _search(dashboard)
    for panel in dashboard.panels:
        yield _visualisation(panel, dashboard.view)
    yield _dashboard(dashboard)


def _identity(key: str) -> str:
    return f"lookalike-{key}"


def _data_view(view: DataView, public_url: str) -> Json:
    formats = {
        name: {"id": "number", "params": {"pattern": pattern}}
        for name, pattern in view.numbers.items()
    }
    for name, address in view.pictures.items():
        params = {
            "type": "img",
            "urlTemplate": public_url + address,
            "labelTemplate": "the picture",
            "width": 96,
            "height": 96,
        }
        formats[name] = {"id": "url", "params": params}
    for name, address in view.pages.items():
        formats[name] = {"id": "url", "params": {"type": "a", "urlTemplate": public_url + address}}
    copies = {
        name: {"type": "keyword", "script": {"source": copy_script(source)}}
        for name, source in view.copies.items()
    }
    attributes = {
        "title": view.pattern,
        "name": f"lookalike: {view.name}",
        "timeFieldName": view.time_field,
        "allowNoIndex": True,
        "fieldFormatMap": json.dumps(formats),
        "fieldAttrs": "{}",
        "fields": "[]",
        "runtimeFieldMap": json.dumps(copies),
        "sourceFilters": "[]",
    }
    return _object("index-pattern", _identity(view.key), "8.0.0", attributes, [])


def _search(dashboard: Dashboard) -> Json:
    table, view = dashboard.table, dashboard.view
    source = "kibanaSavedObjectMeta.searchSourceJSON.index"
    attributes = {
        "title": f"lookalike: {table.title}",
        "description": table.description,
        "columns": list(table.columns),
        "sort": [[view.time_field, "desc"]],
        "grid": {"columns": {name: {"width": 120} for name in view.pictures}},
        "rowHeight": -1,
        "hideChart": False,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "kibanaSavedObjectMeta": _source(indexRefName=source),
    }
    reference = {"id": _identity(view.key), "name": source, "type": "index-pattern"}
    return _object("search", _identity(table.key), "8.0.0", attributes, [reference])


def _visualisation(panel: Panel, view: DataView) -> Json:
    title = f"lookalike: {panel.title}"
    spec = json.dumps(panel.spec(view), indent=2, ensure_ascii=False)
    state = {"title": title, "type": "vega", "aggs": [], "params": {"spec": spec}}
    attributes = {
        "title": title,
        "description": "",
        "uiStateJSON": "{}",
        "version": 1,
        "visState": json.dumps(state, ensure_ascii=False),
        "kibanaSavedObjectMeta": _source(),
    }
    return _object("visualization", _identity(panel.key), "8.5.0", attributes, [])


def _dashboard(dashboard: Dashboard) -> Json:
    table = dashboard.table
    bottom = max(panel.y + panel.height for panel in dashboard.panels)
    below = {"x": 0, "y": bottom, "w": WIDTH, "h": 20}
    tiles = [
        *(
            _tile(panel.key, "visualization", _identity(panel.key), panel.title, panel.grid())
            for panel in dashboard.panels
        ),
        _tile("log", "search", _identity(table.key), table.title.capitalize(), below),
    ]
    tile_panels, references = zip(*tiles, strict=True)
    options = {"useMargins": True, "syncColors": False, "hidePanelTitles": False}
    attributes = {
        "title": f"lookalike: {dashboard.title}",
        "description": dashboard.description,
        "hits": 0,
        "version": 1,
        "timeRestore": True,
        "timeFrom": dashboard.time_from,
        "timeTo": "now",
        "refreshInterval": {"pause": True, "value": 60_000},
        "optionsJSON": json.dumps(options),
        "panelsJSON": json.dumps(tile_panels, ensure_ascii=False),
        "kibanaSavedObjectMeta": _source(),
    }
    return _object("dashboard", _identity(dashboard.key), "8.9.0", attributes, list(references))


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
