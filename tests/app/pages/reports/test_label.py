"""Reviewers label photos of searches whose best hit was a guess, the least certain first."""

import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from apiflask import APIFlask
from PIL import Image

from app.factory import create_app
from app.pages.reports.label import HERE
from app.search.photo_store import photo_name
from app.services import Services
from app.shoppers.photo_labels import PhotoLabels
from app.shoppers.shopper_settings import ShopperSettings
from features.base import Picture
from mappings.engine.gateway import Gateway
from mappings.events.event_documents import (
    DATA_STREAM,
    RecordedQuery,
    RecordedRequest,
    RecordedResults,
    SearchRecord,
    search_event,
)
from tests.support.reviewing import browser, signed_in
from tests.support.shop import Shop


@pytest.fixture
def services(shop: Shop) -> Iterator[Services]:
    with shop.services(shoppers=ShopperSettings(label_days=30)) as services:
        yield services


@pytest.fixture
def app(services: Services) -> APIFlask:
    return create_app(services)


def record(
    services: Services,
    gateway: Gateway,
    scores: tuple[float, ...],
    *,
    has_photo: bool = True,
    low_confidence: bool = True,
    words: str = "",
) -> str:
    """Record a search by photo whose hits have these scores; return its id."""
    query_id = secrets.token_urlsafe(16)
    ids = [hit["_id"] for hit in services.catalogue.search({"size": len(scores)})["hits"]["hits"]]
    record = SearchRecord(
        RecordedRequest(query_id, datetime.now(UTC), 10.0),
        RecordedQuery(query_id, words, pictures=1, page=1),
        None,
        RecordedResults(
            len(scores), tuple(zip(ids, scores, strict=True)), low_confidence=low_confidence
        ),
    )
    assert gateway.bulk_create(DATA_STREAM, [(query_id, search_event(record))]) == {}
    gateway.refresh(DATA_STREAM)
    if has_photo:
        picture = Picture(Image.new("RGB", (40, 40), "teal"), 40, 40, None)
        services.photo_store.store(photo_name(query_id, 1), picture)
    return query_id


def labels(services: Services) -> PhotoLabels:
    return PhotoLabels(services.settings.state_dir / "labels", 30)


def waiting(text: str) -> str:
    found = re.search(r'name="query_id" value="([^"]+)">\s*<h2>', text)
    return found.group(1) if found else ""


def test_least_certain_comes_first_and_each_answer_leads_to_the_next(
    app: APIFlask, services: Services, gateway: Gateway
) -> None:
    certain = record(services, gateway, (0.8, 0.3))
    doubtful = record(services, gateway, (0.5, 0.49, 0.2))
    for kinds in ({"has_photo": False}, {"low_confidence": False}, {"words": "mug"}):
        record(services, gateway, (0.4, 0.4), **kinds)  # type: ignore[arg-type]
    client = signed_in(app, "mika")
    page = client.get(HERE).text
    assert waiting(page) == doubtful
    assert "2 photos wait" in page
    assert f'src="/photos/{photo_name(doubtful, 1)}.jpg"' in page
    product = re.findall(r'name="product_id" value="([^"]+)" data-key="2"', page)[0]
    done = client.post(HERE, data={"query_id": doubtful, "product_id": product})
    assert done.location == f"{HERE}?done={doubtful}"
    page = client.get(done.location).text
    assert waiting(page) == certain
    assert [label.product_id for label in labels(services).labels()] == [product]
    client.post(HERE, data={"query_id": certain, "product_id": ""})
    assert "No photo waits for a label" in client.get(HERE).text
    client.post(HERE, data={"query_id": doubtful, "undo": "yes"})
    assert waiting(client.get(HERE).text) == doubtful
    assert labels(services).labels() == []


def test_unknown_product_and_expired_photo_are_refused(
    app: APIFlask, services: Services, gateway: Gateway
) -> None:
    client = signed_in(app, "mika")
    query_id = record(services, gateway, (0.5, 0.4))
    json = {"Accept": "application/json"}
    answer = client.post(HERE, data={"query_id": query_id, "product_id": "no such"}, headers=json)
    assert answer.status_code == 422
    gone = client.post(HERE, data={"query_id": "../../etc", "product_id": ""}, headers=json)
    assert gone.status_code in (404, 410)
    labels(services).skip(query_id)


def test_labelling_is_off_until_the_operator_turns_it_on(shop: Shop) -> None:
    with shop.app() as app:
        client = signed_in(app, "mika")
        assert "LOOKALIKE_LABEL_DAYS" in client.get(HERE).text
        answer = client.post(HERE, data={"query_id": "x"}, headers={"Accept": "application/json"})
        assert answer.status_code == 422
        assert browser(app).get("/reports/label").location == HERE
