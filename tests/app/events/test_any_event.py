"""Whatever clients send is either an event of UBI or refused by field and rule."""

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from app.events import ga4, insights
from app.events.shop_event import EventProblem, ShopEvent, read_event
from features.base import Json
from mappings.events.ubi_documents import event_document, exported
from tests.support.ubi import faults_of

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=12,
)
TIMES = st.sampled_from(
    [datetime.now(UTC).isoformat(), "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", 1e18]
)


def objects(*names: str, **required: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Return objects with these names, of any values, or anything else."""
    return st.fixed_dictionaries(required, optional=dict.fromkeys(names, ANYTHING)) | ANYTHING


ATTRIBUTES = objects("object", "position", "price", "currency", "quantity", "free", "attributes")
ITEMS = st.lists(objects("item_id", "index", "price", "quantity"), max_size=2) | ANYTHING


def checked(value: Json | EventProblem) -> ShopEvent | EventProblem:
    """Return the event, or why it is refused."""
    try:
        return value if isinstance(value, EventProblem) else read_event(value)
    except EventProblem as problem:
        return problem


def check(value: Json | EventProblem) -> None:
    """Fail unless a value is refused properly, or is an event that can be stored."""
    event = checked(value)
    if isinstance(event, EventProblem):
        assert event.rule
        assert event.detail
        return
    document = event_document(event.document(), "key", datetime.now(UTC))
    json.dumps(document, allow_nan=False)
    assert faults_of("event", exported(document)) == []


@settings(deadline=None, max_examples=300)
@given(
    objects(
        "event_id", "query_id", "message", "x",
        action_name=st.just("click") | ANYTHING,
        timestamp=TIMES | ANYTHING,
        event_attributes=ATTRIBUTES,
    )
)  # fmt: skip
def test_any_event_is_read_or_refused(value: Json) -> None:
    check(value)


@settings(deadline=None, max_examples=300)
@given(
    objects(
        "timestamp_micros",
        name=st.sampled_from(list(ga4.ACTIONS)) | ANYTHING,
        params=objects("transaction_id", "session_id", "currency", items=ITEMS),
    ),
    st.dictionaries(st.sampled_from(["client_id", "timestamp_micros"]), ANYTHING),
)
def test_any_event_of_google_analytics_is_read_or_refused(value: Json, body: Json) -> None:
    for converted in ga4.ubi_events(body, value):
        check(converted)


@settings(deadline=None, max_examples=300)
@given(
    objects(
        "objectIDs", "positions", "timestamp", "currency",
        eventType=st.sampled_from(["view", "click", "conversion"]) | ANYTHING,
        eventSubtype=st.sampled_from(["purchase", "addToCart", None]) | ANYTHING,
        objectData=st.lists(objects("price", "quantity"), max_size=2) | ANYTHING,
    )
)  # fmt: skip
def test_any_event_of_algolias_is_read_or_refused(value: Json) -> None:
    for converted in insights.ubi_events(value):
        check(converted)
