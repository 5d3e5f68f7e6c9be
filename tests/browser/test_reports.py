"""Reports and labels in a real browser: for everyone, in both languages, by keys alone."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from app.experiments.experiment import Experiment, Variant
from app.experiments.traffic import read_traffic
from app.search.photo_store import PhotoStore, photo_name
from app.services import Services
from bench.experiments.shoppers import Rates, events_of, make_sessions
from bench.instruments.browser import PHONE
from bench.instruments.web_server import run_server
from core.environment import Environment
from features.base import Picture
from mappings.engine.connection import EngineSettings, connect
from mappings.engine.gateway import Gateway
from mappings.events.event_documents import (
    DATA_STREAM,
    RecordedQuery,
    RecordedRequest,
    RecordedResults,
    SearchRecord,
    search_event,
)
from mappings.events.ubi_mapping import EVENTS, PATTERN
from tests.browser.conftest import faults, visitor
from tests.browser.reviewers import reviewer
from tests.support.engine import Engine
from tests.support.reviewing import services, started
from tests.support.shop import Shop
from tests.support.ubi import stored

__all__ = ["services", "started"]

IMPACTS = ("moderate", "serious", "critical")
DECLARED = """
[[experiment]]
id = "{id}"
start = {start}
end = {end}
[[experiment.variant]]
id = "control"
[[experiment.variant]]
id = "by-image"

[[experiment]]
id = "planned"
start = {end}
end = {later}
[[experiment.variant]]
id = "control"
[[experiment.variant]]
id = "colour"
"""


@pytest.fixture(scope="module")
def experiment_id(engine: Engine) -> str:
    """The id of an experiment that runs, with events in the data stream."""
    gateway = Gateway(engine.url, basic_auth=(engine.user, engine.password))
    name = f"by-image-{secrets.token_hex(4)}"
    start = datetime.now(UTC) - timedelta(days=10)
    variants = (Variant("control"), Variant("by-image"))
    experiment = Experiment(name, start, start + timedelta(days=9), variants)
    rates = Rates(np.array([[0.1, 0.1], [0.2, 0.05]]), np.array([[0.05, 0.05], [0.1, 0.1]]))
    made = make_sessions(experiment, rates, 1_000, seed=1)
    events = [
        (f"{name}-{key}", {**document, "event": {"id": f"{name}-{key}"}})
        for key, document in events_of(made, ("Shoes > Sneakers", "Bags"))
    ]
    assert gateway.bulk_create(EVENTS, events) == {}
    gateway.refresh(EVENTS)
    gateway.close()
    return name


@pytest.fixture(scope="module")
def address(
    shop: Shop, experiment_id: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where the shop is served, with experiments and labelling."""
    now = datetime.now(UTC)
    times = [(now + timedelta(days=days)).isoformat() for days in (-10, 4, 18)]
    path: Path = tmp_path_factory.mktemp("experiments") / "experiments.toml"
    declared = zip(("start", "end", "later"), times, strict=True)
    path.write_text(DECLARED.format(id=experiment_id, **dict(declared)), encoding="utf-8")
    more = {"LOOKALIKE_EXPERIMENTS": str(path), "LOOKALIKE_LABEL_DAYS": "30"}
    with run_server(Environment({**shop.environment.values, **more})) as site:
        yield site.address


@pytest.fixture
def uncertain(services: Services, gateway: Gateway) -> str:
    """The id of a search by photo whose best hit was a guess: no better than the next.

    So it stands before searches of other tests in the log.
    """
    query_id = secrets.token_urlsafe(16)
    hits = services.catalogue.search({"size": 3})["hits"]["hits"]
    results = RecordedResults(3, tuple((hit["_id"], 0.5) for hit in hits), low_confidence=True)
    request = RecordedRequest(query_id, datetime.now(UTC), 10.0)
    event = search_event(
        SearchRecord(request, RecordedQuery(query_id, pictures=1, page=1), None, results)
    )
    assert gateway.bulk_create(DATA_STREAM, [(query_id, event)]) == {}
    gateway.refresh(DATA_STREAM)
    store: PhotoStore = services.photo_store
    picture = Picture(Image.new("RGB", (300, 200), "teal"), 300, 200)
    store.store(photo_name(query_id, 1), picture)
    return query_id


def paths(experiment_id: str) -> dict[str, str]:
    return {
        "list": "/reports",
        "report": f"/trust/reports/{experiment_id}",
        "plan": "/trust/reports/planned",
        "label": "/reports/label",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "ja-JP"])
def test_pages_are_for_everyone(
    chromium: Browser,
    address: str,
    services: Services,
    experiment_id: str,
    uncertain: str,
    scheme: str,
    locale: str,
) -> None:
    settings = {"color_scheme": scheme, "locale": locale, "bypass_csp": True, **PHONE}
    found, widths = {}, {}
    with reviewer(chromium, address, services, **settings) as page:
        for name, path in paths(experiment_id).items():
            page.goto(path)
            page.wait_for_load_state("networkidle")
            found[name] = faults(page, IMPACTS)
            widths[name] = page.evaluate("document.documentElement.scrollWidth")
    assert found == {name: [] for name in found}
    assert widths == dict.fromkeys(widths, 390)


def test_report_shows_what_came_out(
    chromium: Browser, address: str, services: Services, experiment_id: str
) -> None:
    with reviewer(chromium, address, services) as page:
        page.get_by_role("link", name="Reports").click()
        page.get_by_role("link", name=experiment_id).click()
        row = page.get_by_role("row", name="Click-through rate · by-image").first
        expect(row).to_contain_text("%")
        expect(row.get_by_role("img")).to_be_visible()
        expect(page.locator("details[open] tbody tr")).to_have_count(2)
        page.locator("details").nth(1).locator("summary").click()
        expect(page.locator("details[open]")).to_have_count(2)
        expect(page.get_by_role("alert")).to_have_count(0)


def test_what_a_shopper_does_comes_into_the_report(
    chromium: Browser, address: str, shop: Shop, experiment_id: str
) -> None:
    with visitor(chromium, address) as page:
        page.goto("/search?q=plimsolls")
        card = page.locator("li.card").first
        query = str(card.get_attribute("data-query"))
        page.wait_for_timeout(1_500)
        page.get_by_role("link", name="White Plimsolls", exact=True).click()
        expect(page.locator("h1")).to_have_text("White Plimsolls")
        page.goto("/favourites")
        events = stored(shop.environment, EVENTS, {"term": {"query_id": query}}, 4)
    attributes = [event["event_attributes"] for event in events]
    assert {each["experiment"] for each in attributes} == {experiment_id}
    (variant,) = {each["variant"] for each in attributes}
    start = datetime.now(UTC) - timedelta(days=10)
    declared = Experiment(experiment_id, start, start + timedelta(days=14), (Variant(variant),))
    found = read_traffic(
        partial(connect(EngineSettings.from_env(shop.environment)).search, PATTERN),
        replace(declared, start=datetime.now(UTC) - timedelta(minutes=5)),
        datetime.now(UTC) + timedelta(minutes=1),
    ).variants[variant]
    assert (found.clients, found.total("clicks"), found.total("impressions")) == (1, 1, 2)


def test_photo_is_labelled_with_one_key_and_taken_back_with_another(
    chromium: Browser, address: str, services: Services, uncertain: str
) -> None:
    labels = services.settings.state_dir / "labels" / "labels.csv"
    with reviewer(chromium, address, services) as page:
        page.goto("/trust/reports/label")
        expect(page.locator(".label-stage figure img")).to_have_js_property("naturalWidth", 300)
        expect(page.locator(".label-choice")).to_have_count(3)
        page.keyboard.press("2")
        page.wait_for_url("**/label?done=*")
        assert uncertain in labels.read_text(encoding="utf-8")
        page.keyboard.press("u")
        page.wait_for_url("**/trust/reports/label")
        assert uncertain not in labels.read_text(encoding="utf-8")
        page.keyboard.press("0")
        page.wait_for_url("**/label?done=*")
        assert uncertain not in labels.read_text(encoding="utf-8")
