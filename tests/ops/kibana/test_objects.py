"""Kibana's objects, as far as they can be tested without Kibana.

Kibana itself cannot run on our machines. What can be tested is: every object is well formed and
refers only to others in the file, every field it names exists in the mapping as Elasticsearch
reports it, and every request it carries runs on the real node and gives the figures it promises.
"""

import json
import re
from collections.abc import Mapping

import pytest

from features.base import Json
from mappings.engine.gateway import Gateway
from mappings.events import decision_events, event_documents, ubi_mapping
from ops.kibana.dashboard import WIDTH, Dashboard, Panel
from ops.kibana.dashboards import dashboards
from ops.kibana.objects import FILE, ndjson, saved_objects
from tests.ops.kibana.conftest import RowsOf

PANELS = [(dashboard, panel) for dashboard in dashboards() for panel in dashboard.panels]
every_panel = pytest.mark.parametrize(
    ("dashboard", "panel"), PANELS, ids=[panel.key for _, panel in PANELS]
)
every_dashboard = pytest.mark.parametrize("dashboard", dashboards(), ids=lambda one: one.key)


@pytest.fixture(scope="module")
def known(gateway: Gateway, indices: Mapping[str, str]) -> Mapping[str, set[str]]:
    """Give the fields of each dashboard's index by its key."""
    return {
        key: set(gateway._client.field_caps(index=name, fields="*")["fields"])
        for key, name in indices.items()
    }


def fields_in(value: Json) -> set[str]:
    """Return every Elasticsearch field that a request body names."""
    found: set[str] = set()
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in {"field", "path"}:
                found.add(inner)
            elif key in {"term", "terms"} and not isinstance(inner.get("field"), str):
                found |= set(inner)
            else:
                found |= fields_in(inner)
    elif isinstance(value, list):
        found = {name for inner in value for name in fields_in(inner)}
    return found


def by_kind(kind: str) -> list[Json]:
    return [item for item in saved_objects() if item["type"] == kind]


@every_panel
def test_every_field_a_panel_asks_for_exists(
    dashboard: Dashboard, panel: Panel, known: Mapping[str, set[str]]
) -> None:
    asked = fields_in(panel.body)
    assert asked
    assert asked <= known[dashboard.key]


@every_panel
def test_every_request_gives_rows_that_hold_what_the_panel_draws(
    dashboard: Dashboard, panel: Panel, rows_of: RowsOf
) -> None:
    found = rows_of(panel.key)
    assert found
    steps = panel.drawing.get("transform", [])
    made = {
        name
        for step in steps
        for name in ([step["as"]] if isinstance(step.get("as"), str) else step.get("as", []))
    }
    for channel in panel.drawing["encoding"].values():
        assert channel["field"] in made | set(found[0])
    for expression in (step["calculate"] for step in steps if "calculate" in step):
        roots = re.findall(r"datum\.(\w+)", expression)
        assert roots
        assert set(roots) <= made | set(found[0])


@every_dashboard
def test_tables_and_data_views_show_fields_that_exist(
    dashboard: Dashboard, known: Mapping[str, set[str]]
) -> None:
    view = dashboard.view
    shown = {*dashboard.table.columns, *view.pictures, *view.pages, *view.numbers}
    assert set(view.copies) <= shown
    assert not set(view.copies) & known[dashboard.key], "a copy hides no field"
    assert (shown - set(view.copies)) | {*view.copies.values(), view.time_field} <= known[
        dashboard.key
    ]
    assert {*view.pictures, *view.pages} <= set(dashboard.table.columns)


def scripts_in(value: Json) -> list[str]:
    if isinstance(value, dict):
        own = [value["source"]] if isinstance(value.get("source"), str) else []
        return own + [one for inner in value.values() for one in scripts_in(inner)]
    return [one for inner in value for one in scripts_in(inner)] if isinstance(value, list) else []


def test_every_field_a_script_reads_exists(known: Mapping[str, set[str]]) -> None:
    read = {
        (dashboard.key, name)
        for dashboard, panel in PANELS
        for script in scripts_in(panel.body)
        for name in re.findall(r"doc\['([^']+)'\]", script)
    }
    assert len(read) > 5
    assert all(name in known[key] for key, name in read)


def test_data_views_cover_the_streams() -> None:
    titles = {item["id"]: item["attributes"]["title"] for item in by_kind("index-pattern")}
    for key, stream in (
        ("lookalike-searches", event_documents.DATA_STREAM),
        ("lookalike-decisions", decision_events.DATA_STREAM),
        ("lookalike-products", "products"),
        ("lookalike-events", ubi_mapping.EVENTS),
        ("lookalike-events-received", ubi_mapping.EVENTS),
    ):
        assert re.fullmatch(re.escape(titles[key]).replace(r"\*", ".*"), stream)


def test_pictures_come_from_where_the_shop_is() -> None:
    shown = ndjson("https://shop.example/")
    assert "https://shop.example{{rawValue}}" in shown
    assert "https://shop.example/images/{{rawValue}}.jpg" in shown


def test_table_of_events_shows_the_product_each_is_about(
    gateway: Gateway, indices: Mapping[str, str]
) -> None:
    (view,) = (one for one in by_kind("index-pattern") if one["id"] == "lookalike-events")
    fields = json.loads(view["attributes"]["runtimeFieldMap"])
    formats = json.loads(view["attributes"]["fieldFormatMap"])
    (name,) = fields
    assert formats[name]["params"]["type"] == "img"
    assert formats[name]["params"]["urlTemplate"].endswith("/api/v1/products/{{value}}/picture")
    answer = gateway._client.search(
        index=indices["shoppers"],
        runtime_mappings=fields,
        fields=[name],
        sort=["timestamp"],
        source=["event_attributes.object.object_id"],
    )
    copied = [hit["fields"][name][0] for hit in answer["hits"]["hits"]]
    about = [
        hit["_source"]["event_attributes"]["object"]["object_id"] for hit in answer["hits"]["hits"]
    ]
    assert copied == about
    assert "p1" in copied


def test_every_reference_leads_to_an_object_in_the_file() -> None:
    made = {(item["type"], item["id"]) for item in saved_objects()}
    assert len(made) == len(saved_objects())
    for item in saved_objects():
        assert {(ref["type"], ref["id"]) for ref in item["references"]} <= made


@every_dashboard
def test_a_dashboard_shows_every_panel_once_and_none_overlap(dashboard: Dashboard) -> None:
    (item,) = (one for one in by_kind("dashboard") if one["id"] == f"lookalike-{dashboard.key}")
    names = {ref["name"]: ref["id"] for ref in item["references"]}
    assert {f"lookalike-{panel.key}" for panel in dashboard.panels} < set(names.values())
    taken: set[tuple[int, int]] = set()
    for tile in json.loads(item["attributes"]["panelsJSON"]):
        assert f"{tile['panelIndex']}:{tile['panelRefName']}" in names
        place = tile["gridData"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < WIDTH
        taken |= cells


def test_the_visualisations_hold_the_panels_specifications() -> None:
    held = [json.loads(item["attributes"]["visState"]) for item in by_kind("visualization")]
    assert [state["type"] for state in held] == ["vega"] * len(PANELS)
    specs = [json.loads(state["params"]["spec"]) for state in held]
    assert specs == [panel.spec(dashboard.view) for dashboard, panel in PANELS]


def test_the_file_to_import_is_what_the_code_makes() -> None:
    assert FILE.read_text(encoding="utf-8") == ndjson()
