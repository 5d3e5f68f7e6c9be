"""What an event says, and what it must never say."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from features.base import Box, Json
from mappings.events.event_documents import (
    DATA_STREAM,
    HITS_LIMIT,
    DuplicateCheckRecord,
    RecordedPlan,
    RecordedQuery,
    RecordedRequest,
    RecordedResults,
    SearchRecord,
    duplicate_event,
    index_template,
    normalise_words,
    search_event,
    truncate_address,
)

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
REQUEST = RecordedRequest(
    event_id="e1",
    at=AT,
    took_ms=41.5,
    stages_ms={"decode": 3.0, "engine": 20.5},
    request_id="r1",
    client_address="203.0.113.77",
    user_agent_name="Firefox",
)


def fields(properties: Json, prefix: str = "") -> dict[str, Json]:
    found: dict[str, Json] = {}
    for name, body in properties.items():
        path = f"{prefix}{name}"
        inner = body.get("properties")
        found |= fields(inner, f"{path}.") if inner else {path: body}
    return found


def leaves(value: Json, prefix: str = "") -> set[str]:
    if isinstance(value, dict):
        return {leaf for key, inner in value.items() for leaf in leaves(inner, f"{prefix}{key}.")}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return leaves(value[0], prefix)
    return {prefix[:-1]}


def test_a_search_is_recorded_in_full() -> None:
    query = RecordedQuery(
        id="q1",
        words="  Red　ＳＨＯＥ ",
        filters={"brand": ["Acme"], "price_max": 20.0},
        features=("pdq", "embedding"),
        pictures=1,
        crops=(Box(0.1, 0.2, 0.8, 0.9),),
        size=20,
        page=1,
    )
    results = RecordedResults(
        total=7, hits=(("p1", 0.91), ("p2", 0.5)), thumbnail="/media/p1.jpg", low_confidence=True
    )
    plan = RecordedPlan("approximate", 120_000, 200, 800)
    assert search_event(SearchRecord(REQUEST, query, plan, results)) == {
        "@timestamp": "2026-11-21T12:00:00.000+00:00",
        "ecs": {"version": "9.1.0"},
        "event": {
            "id": "e1",
            "kind": "event",
            "category": ["web"],
            "action": "search",
            "dataset": "lookalike.search",
            "duration": 41_500_000,
            "outcome": "success",
        },
        "http": {"request": {"id": "r1"}},
        "client": {"address": "203.0.113.0/24"},
        "user_agent": {"name": "Firefox"},
        "lookalike": {
            "query": {
                "id": "q1",
                "words": "red shoe",
                "filters": {"brand": ["Acme"], "price_max": 20.0},
                "filter_names": ["brand", "price_max"],
                "features": ["embedding", "pdq"],
                "pictures": 1,
                "crop": [{"left": 0.1, "top": 0.2, "right": 0.8, "bottom": 0.9}],
                "size": 20,
                "page": 1,
            },
            "plan": {
                "kind": "approximate",
                "estimated_products": 120_000,
                "k": 200,
                "num_candidates": 800,
            },
            "took_ms": 41.5,
            "stages_ms": {"decode": 3.0, "engine": 20.5},
            "total": 7,
            "zero_results": False,
            "low_confidence": True,
            "partial": False,
            "hits": [
                {"id": "p1", "rank": 1, "score": 0.91},
                {"id": "p2", "rank": 2, "score": 0.5},
            ],
            "top": {"id": "p1", "score": 0.91, "thumbnail": "/media/p1.jpg"},
        },
    }


def test_a_search_without_results_says_so() -> None:
    event = search_event(
        SearchRecord(REQUEST, RecordedQuery("q1", "xyzzy"), None, RecordedResults(0))
    )
    assert event["lookalike"]["zero_results"] is True
    assert event["lookalike"]["total"] == 0
    assert "top" not in event["lookalike"]


def test_a_failed_search_names_its_error_and_claims_no_results() -> None:
    failed = RecordedRequest("e1", AT, 3.0, error_code="engine_unavailable")
    event = search_event(SearchRecord(failed, RecordedQuery("q1", "shoe")))
    assert event["event"]["outcome"] == "failure"
    assert event["error"] == {"code": "engine_unavailable"}
    assert "zero_results" not in event["lookalike"]


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ({"same_file": 0, "same_photo": 2, "same_product": 5}, "same_photo"),
        ({"same_product": 1, "same_file": 1}, "same_file"),
        ({}, "none"),
    ],
)
def test_a_duplicate_check_is_counted_under_its_strongest_verdict(
    counts: dict[str, int], verdict: str
) -> None:
    event = duplicate_event(
        DuplicateCheckRecord(REQUEST, RecordedQuery("q1"), RecordedResults(7), counts)
    )
    assert event["event"]["action"] == "duplicate_check"
    assert event["lookalike"]["verdict"] == verdict
    assert event["lookalike"].get("verdicts", {}) == {k: n for k, n in counts.items() if n}


def test_every_field_of_an_event_is_mapped() -> None:
    mapped = set(fields(index_template()["template"]["mappings"]["properties"]))
    query = RecordedQuery("q", "w", {"brand": ["a"]}, ("pdq",), 1, (Box(0, 0, 1, 1),), 20, 1)
    results = RecordedResults(1, (("p", 1.0),), "/t")
    request = RecordedRequest(
        "e", AT, 1.0, dict.fromkeys(("decode", "features", "engine"), 1.0), "r"
    )
    events = [
        search_event(SearchRecord(request, query, RecordedPlan("exact", 1, 1, 1), results)),
        duplicate_event(DuplicateCheckRecord(REQUEST, query, results, {"same_file": 1})),
    ]
    written = {leaf for event in events for leaf in leaves(event)}
    assert written - {"lookalike.query.filters.brand"} <= mapped


@pytest.mark.parametrize(
    ("whole", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        (" 10.1.2.3 ", "10.1.2.0/24"),
        ("2001:db8:1234:5678::9", "2001:db8:1234::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2002:cb00:714d::1", "203.0.113.0/24"),
        ("203.0.113.77, 10.0.0.1", None),
        ("unix:", None),
        ("", None),
    ],
)
def test_no_whole_address_is_kept(whole: str, network: str | None) -> None:
    assert truncate_address(whole) == network


def test_words_are_counted_alike_however_they_were_typed() -> None:
    assert normalise_words("Ｔシャツ　RED\t t-shirt") == normalise_words("tシャツ red T-Shirt")
    assert len(normalise_words("x" * 1000)) == 256


def test_a_long_page_is_cut() -> None:
    hits = tuple((f"p{n}", 1.0) for n in range(HITS_LIMIT + 50))
    event = search_event(
        SearchRecord(REQUEST, RecordedQuery("q"), None, RecordedResults(len(hits), hits))
    )
    assert len(event["lookalike"]["hits"]) == HITS_LIMIT
    assert event["lookalike"]["total"] == HITS_LIMIT + 50


def test_the_time_is_in_utc() -> None:
    there = datetime(2026, 11, 21, 21, 0, tzinfo=timezone(timedelta(hours=9)))
    event = search_event(SearchRecord(RecordedRequest("e", there, 1.0), RecordedQuery("q")))
    assert event["@timestamp"] == "2026-11-21T12:00:00.000+00:00"


def test_the_template_is_for_our_stream_alone() -> None:
    made = index_template(30)
    assert made["index_patterns"] == ["logs-lookalike.search-*"]
    assert DATA_STREAM == "logs-lookalike.search-default"
    assert made["priority"] > 200
    assert made["template"]["lifecycle"] == {"data_retention": "30d"}
    assert made["template"]["mappings"]["dynamic"] is False
    assert index_template() is not index_template()
    assert json.dumps(index_template()) == json.dumps(index_template())
