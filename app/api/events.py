"""What shoppers see and do, sent by pages and servers of a shop."""

from collections.abc import Iterable
from itertools import chain

from apiflask import APIBlueprint
from flask import request

from app.accounts.errors import Forbidden
from app.contract.events import EventsOut, events_out
from app.events import ga4, insights
from app.events.body_reading import as_list, check_number, member_list, read_body
from app.events.intake import EventIntake
from app.events.shop_event import EventProblem
from app.http.visitor import current_visitor, is_untracked
from app.services import current_services
from features.base import Json

blueprint = APIBlueprint("events", __name__, tag="Events")


@blueprint.post("/api/v1/events")
@blueprint.output(EventsOut, status_code=202)
@blueprint.doc(summary="Record what shoppers see and do")
def record() -> EventsOut:
    """Take events of User Behavior Insights 1.3.0: one object, an array, or NDJSON.

    At most 1,000 events and 2 MiB. An event that is sent again with its `event_id` counts once.
    Accepted events are on disk; Elasticsearch gets them within seconds, or once it is back.
    """
    return _take(as_list(read_body(request)))


@blueprint.post("/api/v1/events/ga4")
@blueprint.output(EventsOut, status_code=202)
@blueprint.doc(summary="Record events as Google Analytics 4 sends them")
def record_ga4() -> EventsOut:
    """Take a body of the Measurement Protocol: view_item_list, select_item, view_item, add_to_cart,
    add_to_wishlist and purchase; every item is an event of its own.
    """
    body = read_body(request)
    converted = (ga4.ubi_events(body, event) for event in member_list(body, "events"))
    return _take(chain.from_iterable(converted), has_other_names=True)


@blueprint.post("/1/events")
@blueprint.output(EventsOut, status_code=202)
@blueprint.doc(summary="Record events as Algolia's Insights API takes them")
def record_insights() -> EventsOut:
    """Take `events` with `eventType` view, click or conversion; each object is an event."""
    converted = map(insights.ubi_events, member_list(read_body(request), "events"))
    return _take(chain.from_iterable(converted), has_other_names=True)


def _take(events: Iterable[Json | EventProblem], *, has_other_names: bool = False) -> EventsOut:
    log = current_services().shared.shop_log
    if log is None:
        raise Forbidden("events are not recorded here: set LOOKALIKE_SHOP_EVENTS=yes")
    values = list(events)
    check_number(len(values))
    results = EventIntake(log).take(
        values, current_visitor(), is_untracked=is_untracked(), has_other_names=has_other_names
    )
    return events_out(results)
