"""Kibana's objects, as far as they can be tested without Kibana.

Kibana itself cannot run on our machines. What can be tested is: every object is well formed and
refers only to others in the file, every field it names exists in the mapping as Elasticsearch
reports it, and every request it carries runs on the real node and gives the figures it promises.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from features.base import Json
from mappings.engine.gateway import Gateway
from mappings.events.event_documents import (
    DATA_STREAM,
    DuplicateCheckRecord,
    RecordedPlan,
    RecordedQuery,
    RecordedRequest,
    RecordedResults,
    SearchRecord,
    duplicate_event,
    index_template,
    search_event,
)
from ops.kibana.objects import FILE, ndjson, saved_objects
from ops.kibana.panels import Panel, panels
from tests.support.engine import Engine

START = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
SEARCHES = [  # words, total, low confidence, took
    ("red shoe", 5, False, 10.0),
    ("red shoe", 4, True, 20.0),
    ("green hat", 0, False, 30.0),
    ("green hat", 0, False, 40.0),
    ("", 9, True, 50.0),
]
VERDICTS = [{"same_file": 1, "same_product": 2}, {"same_photo": 1}, {}]


def events() -> Iterator[tuple[str, Json]]:
    for number, (words, total, low, took) in enumerate(SEARCHES):
        at = START + timedelta(hours=number)
        stages = {"decode": took / 5, "features": took / 5, "engine": took / 2}
        hits = (("p1", 0.9),) if total else ()
        features = () if words else ("embedding", "pdq")
        plan = RecordedPlan("words") if words else RecordedPlan("exact", 300)
        yield (
            f"s{number}",
            search_event(
                SearchRecord(
                    RecordedRequest(f"s{number}", at, took, stages, f"r{number}", "203.0.113.7"),
                    RecordedQuery(f"q{number}", words, {"brand": ["Acme"]}, features),
                    plan,
                    RecordedResults(total, hits, "/media/p1.jpg" if hits else None, low),
                )
            ),
        )
    for number, counts in enumerate(VERDICTS):
        at = START + timedelta(hours=number)
        record = DuplicateCheckRecord(
            RecordedRequest(f"d{number}", at, 60.0), RecordedQuery("q"), RecordedResults(3), counts
        )
        yield f"d{number}", duplicate_event(record)


@pytest.fixture(scope="module")
def gateway(engine: Engine) -> Iterator[Gateway]:
    made = Gateway(engine.url, basic_auth=(engine.user, engine.password))
    yield made
    made.close()


@pytest.fixture(scope="module")
def index(gateway: Gateway) -> Iterator[str]:
    """A plain index with the stream's fields: the local node has no API to delete a stream."""
    name = f"lookalike-events-{uuid4().hex}"
    inner = index_template()["template"]
    gateway.create_index(name, inner["mappings"], {"index.number_of_replicas": 0})
    assert gateway.bulk_create(name, list(events()), stream=False) == {}
    gateway.refresh(name)
    yield name
    gateway.delete_index(name)


@pytest.fixture(scope="module")
def known(gateway: Gateway, index: str) -> set[str]:
    return set(gateway._client.field_caps(index=index, fields="*")["fields"])


def rows(gateway: Gateway, index: str, key: str) -> list[Json]:
    """Run a panel's request, word for word, and return what Vega-Lite would draw."""
    (panel,) = [panel for panel in panels() if panel.key == key]
    answer = gateway._client.search(index=index, body=panel.body).body
    for step in panel.rows.split("."):
        answer = answer[step]
    return list(answer)


def fields_in(value: Json) -> set[str]:
    """Return every Elasticsearch field that a request body names."""
    found: set[str] = set()
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "field":
                found.add(inner)
            elif key == "term":
                found |= set(inner)
            else:
                found |= fields_in(inner)
    elif isinstance(value, list):
        found = {name for inner in value for name in fields_in(inner)}
    return found


def by_kind(kind: str) -> list[Json]:
    return [item for item in saved_objects() if item["type"] == kind]


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel.key)
def test_every_field_a_panel_asks_for_exists(panel: Panel, known: set[str]) -> None:
    asked = fields_in(panel.body)
    assert asked
    assert asked <= known


@pytest.mark.parametrize("panel", panels(), ids=lambda panel: panel.key)
def test_every_request_gives_rows_that_hold_what_the_panel_draws(
    panel: Panel, gateway: Gateway, index: str
) -> None:
    found = rows(gateway, index, panel.key)
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
        root = re.match(r"datum\.(\w+)", expression)
        assert root
        assert root[1] in made | set(found[0])


def test_zero_results_and_guesses_are_shares_of_the_searches(gateway: Gateway, index: str) -> None:
    found = [row for row in rows(gateway, index, "shares") if row["doc_count"]]
    searched = sum(row["doc_count"] for row in found)
    assert searched == len(SEARCHES)
    for name, share in (("zero", 2 / 5), ("low", 2 / 5)):
        mean = sum(row[name]["value"] * row["doc_count"] for row in found) / searched
        assert mean == pytest.approx(share)


def test_durations_carry_the_percentiles_the_panel_names(gateway: Gateway, index: str) -> None:
    row = next(row for row in rows(gateway, index, "took") if row["doc_count"])
    assert set(row["took"]["values"]) == {"50.0", "95.0"}


@pytest.mark.parametrize(
    ("key", "counts"),
    [
        ("words", {"red shoe": 2, "green hat": 2}),
        ("misses", {"green hat": 2}),
        ("plans", {"words": 4, "exact": 1}),
        ("features", {"embedding": 1, "pdq": 1}),
        ("filters", {"brand": 5}),
    ],
)
def test_tops_count_what_their_titles_say(
    key: str, counts: dict[str, int], gateway: Gateway, index: str
) -> None:
    assert {row["key"]: row["doc_count"] for row in rows(gateway, index, key)} == counts


def test_verdicts_are_counted_over_time(gateway: Gateway, index: str) -> None:
    found = rows(gateway, index, "verdicts")
    verdicts = [inner["key"] for row in found for inner in row["verdict"]["buckets"]]
    assert sorted(verdicts) == ["none", "same_file", "same_photo"]


def test_filters_can_be_counted_by_value(gateway: Gateway, index: str) -> None:
    body = {"size": 0, "aggs": {"b": {"terms": {"field": "lookalike.query.filters.brand"}}}}
    (bucket,) = gateway._client.search(index=index, body=body)["aggregations"]["b"]["buckets"]
    assert (bucket["key"], bucket["doc_count"]) == ("Acme", 5)


def test_the_saved_search_shows_fields_that_exist(known: set[str]) -> None:
    (search,) = by_kind("search")
    assert set(search["attributes"]["columns"]) <= known
    assert {name for name, _ in search["attributes"]["sort"]} <= known


def test_the_data_view_covers_the_stream_and_shows_thumbnails_as_pictures(known: set[str]) -> None:
    (view,) = by_kind("index-pattern")
    pattern = re.escape(view["attributes"]["title"]).replace(r"\*", ".*")
    assert re.fullmatch(pattern, DATA_STREAM)
    assert view["attributes"]["timeFieldName"] in known
    formats = json.loads(view["attributes"]["fieldFormatMap"])
    assert set(formats) <= known
    shown = formats["lookalike.top.thumbnail"]["params"]
    assert (shown["type"], shown["urlTemplate"]) == ("img", "http://localhost:8000{{rawValue}}")
    (search,) = by_kind("search")
    assert "lookalike.top.thumbnail" in search["attributes"]["columns"]


def test_pictures_come_from_where_the_shop_is() -> None:
    assert "https://shop.example{{rawValue}}" in ndjson("https://shop.example/")


def test_every_reference_leads_to_an_object_in_the_file() -> None:
    made = {(item["type"], item["id"]) for item in saved_objects()}
    assert len(made) == len(saved_objects())
    for item in saved_objects():
        assert {(ref["type"], ref["id"]) for ref in item["references"]} <= made


def test_the_dashboard_shows_every_panel_once_and_none_overlap() -> None:
    (dashboard,) = by_kind("dashboard")
    shown = json.loads(dashboard["attributes"]["panelsJSON"])
    names = {ref["name"]: ref["id"] for ref in dashboard["references"]}
    assert {f"lookalike-{panel.key}" for panel in panels()} < set(names.values())
    taken: set[tuple[int, int]] = set()
    for tile in shown:
        assert f"{tile['panelIndex']}:{tile['panelRefName']}" in names
        place = tile["gridData"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        assert max(x for x, _ in cells) < 48
        taken |= cells


def test_the_visualisations_hold_the_panels_specifications() -> None:
    held = [json.loads(item["attributes"]["visState"]) for item in by_kind("visualization")]
    assert [state["type"] for state in held] == ["vega"] * len(panels())
    specs = [json.loads(state["params"]["spec"]) for state in held]
    assert specs == [panel.spec() for panel in panels()]


def test_the_file_to_import_is_what_the_code_makes() -> None:
    assert FILE.read_text(encoding="utf-8") == ndjson()
