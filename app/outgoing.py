"""What the application sends by itself: searches and decisions, to Elasticsearch and a webhook."""

from functools import partial

from app.events.event_log import EventLog
from app.search.popular_queries import PopularQueries
from app.settings import AppSettings
from app.trust.desk.webhook import Webhook
from features.base import Json
from mappings.engine.connection import connect
from mappings.engine.gateway import Gateway
from mappings.events import decision_events
from mappings.events.event_documents import DATA_STREAM


def open_search_log(settings: AppSettings) -> EventLog | None:
    """Return the log of searches and duplicate checks; None where they are not recorded."""
    if not settings.log_searches:
        return None
    gateway = connect(settings.engine, api_key=settings.events_api_key)
    return EventLog(settings.state_dir / "spool", partial(gateway.bulk_create, DATA_STREAM))


def open_popular_queries(settings: AppSettings) -> PopularQueries:
    """Return what is asked often; nothing where searches are not recorded."""
    search = None
    if settings.log_searches:
        gateway = connect(settings.engine, api_key=settings.events_api_key)
        search = partial(gateway.search, DATA_STREAM)
    return PopularQueries(search, settings.search.popular_networks)


def open_decision_log(settings: AppSettings, gateway: Gateway) -> EventLog:
    """Return the log of the desk's decisions; `gateway` logs in as the desk does."""
    ship = partial(gateway.bulk_create, decision_events.DATA_STREAM)
    return EventLog(settings.state_dir / "decisions", ship, label="decision events")


def open_webhook(settings: AppSettings) -> Webhook | None:
    """Return the webhook that decisions are sent to; None where there is none."""
    desk = settings.desk
    if not desk.webhook_url:
        return None
    return Webhook(desk.webhook_url, desk.webhook_secret, settings.state_dir / "webhook")


def announce_decision(decision_log: EventLog, webhook: Webhook | None, message: Json) -> None:
    """Tell the event log and the webhook of a decision; returns at once."""
    for event in decision_events.decision_events(message):
        decision_log.record(event)
    if webhook is not None:
        webhook.send(message)
