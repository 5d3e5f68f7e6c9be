"""Every search and duplicate check leaves one event in the data stream, off the request path."""

import time

from mappings.engine.connection import EngineSettings, connect
from mappings.events.event_documents import DATA_STREAM
from tests.support.shop import Shop
from tests.support.uploads import form


def test_search_and_check_become_events_without_pictures_or_addresses(shop: Shop) -> None:
    picture = shop.picture("saleor-beanie-1.png")
    with shop.app() as app:
        client = app.test_client()
        searched = client.post(
            "/api/v1/search",
            **form(picture, name="private name.png", q="Woolly Hat", filter="category:Apparel"),
            environ_base={"REMOTE_ADDR": "203.0.113.77"},
        ).json
        checked = client.post("/api/v1/duplicates/check", **form(picture)).json
    assert searched is not None
    assert checked is not None
    gateway = connect(EngineSettings.from_env(shop.environment))
    wanted = {"terms": {"lookalike.query.id": [searched["query_id"], checked["query_id"]]}}
    deadline = time.monotonic() + 20
    events: list[dict[str, object]] = []
    while len(events) < 2 and time.monotonic() < deadline:
        gateway.refresh(DATA_STREAM)
        found = gateway.search(DATA_STREAM, {"query": wanted, "sort": "@timestamp"})
        events = [hit["_source"] for hit in found["hits"]["hits"]]
    gateway.close()
    search, check = (event for event in events)
    assert search["event"]["action"] == "search"  # type: ignore[index]
    assert search["client"] == {"address": "203.0.113.0/24"}
    assert search["lookalike"]["query"]["words"] == "woolly hat"  # type: ignore[index]
    assert search["lookalike"]["hits"][0]["id"] == searched["hits"][0]["id"]  # type: ignore[index]
    assert check["lookalike"]["verdict"] == "same_file"  # type: ignore[index]
    assert "private name" not in str(events)
