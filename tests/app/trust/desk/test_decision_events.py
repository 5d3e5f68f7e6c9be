"""A decision becomes one event a listing, in a data stream; undoing is an event of its own."""

import time
from dataclasses import replace

import pytest

from app.services import Services
from app.trust.desk.case import Case, Member
from app.trust.desk.decision import Decision, now
from app.trust.desk.decision_message import message
from app.trust.examination.evidence import Contribution, ListingPicture, PairFinding
from features.base import Json
from features.geometry.alignment import Alignment
from mappings.events.decision_events import DATA_STREAM, decision_events
from tests.support.shop import Shop

IMAGE, OTHER, THIRD = "a" * 64, "b" * 64, "c" * 64
MIRRORED = Alignment((-1, 0, 400, 0, 1, 0), (400, 300), (400, 300), 40, 50, 1.0, 0.95, 0.0)


def case_of(key: str) -> Case:
    at = now()
    found = PairFinding(
        ListingPicture("stolen-1", OTHER),
        "same_photo",
        0.97,
        0.98,
        contributions=(Contribution("inliers", 40, 2.5),),
        alignment=MIRRORED,
    )
    other = PairFinding(ListingPicture("other-1", THIRD), "same_product", 0.4, 0.9)
    members = (Member(found), Member(replace(other, difference="recoloured")))
    return Case(key, "same_photo", ListingPicture("original-1", IMAGE), members, at, at)


def decision_of(case: Case, action: str = "decided", undoes: str | None = None) -> Decision:
    verdicts = {member.picture.key: "stolen_photo" for member in case.members[:1]}
    return Decision(
        f"{action}-{case.id}", now(), "mika", action, "2026-11", case.id, case.queue,
        verdicts=verdicts, comment="same studio", undoes=undoes,
    )  # fmt: skip


def test_event_names_entity_label_policy_evidence_and_transformation() -> None:
    case = case_of("case-1")
    (event,) = decision_events(message(case, decision_of(case)))
    assert event["event"]["action"] == "decided"
    assert event["user"]["name"] == "mika"
    decision = event["lookalike"]["decision"]
    assert decision["entity"] == {"product_id": "stolen-1", "image_id": OTHER}
    assert decision["beside"] == {"product_id": "original-1", "image_id": IMAGE}
    assert (decision["label"], decision["policy"]) == ("stolen_photo", "2026-11")
    assert decision["evidence"]["p_same_photo"] == 0.97
    assert decision["evidence"]["contributions"] == [
        {"signal": "inliers", "value": 40, "log_odds": 2.5}
    ]
    assert decision["transformations"] == [{"name": "mirrored", "amount": None}]


def test_undoing_is_an_event_of_its_own() -> None:
    case = case_of("case-2")
    (event,) = decision_events(message(case, decision_of(case, "undone", "decided-case-2")))
    assert event["event"]["action"] == "undone"
    assert event["lookalike"]["decision"]["undoes"] == "decided-case-2"


@pytest.fixture
def services(shop: Shop) -> Services:
    with shop.services() as built:
        yield built  # type: ignore[misc]


def events_of(services: Services, case_id: str) -> list[Json]:
    body = {"query": {"term": {"lookalike.decision.case_id": case_id}}, "size": 10}
    gateway = services.shared.gateway
    gateway.refresh(DATA_STREAM)
    return [hit["_source"] for hit in gateway.search(DATA_STREAM, body)["hits"]["hits"]]


def test_decisions_reach_the_data_stream_once(services: Services) -> None:
    case = case_of(f"case-{time.time_ns()}")
    sent = message(case, decision_of(case))
    log = services.shared.decision_log
    for event in (*decision_events(sent), *decision_events(sent)):
        log.record(event)
    until = time.monotonic() + 20
    while log.counts.shipped + log.counts.refused < 2 and time.monotonic() < until:
        time.sleep(0.1)
    assert log.counts.refused == 0
    (stored,) = events_of(services, case.id)
    assert stored["lookalike"]["decision"]["label"] == "stolen_photo"
