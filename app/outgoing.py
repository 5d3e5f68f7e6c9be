"""What the application sends by itself: what people search, do and decide."""

from functools import partial

from app.events.event_log import EventLog
from app.events.picture_groups import PictureGroups
from app.events.product_facts import product_reader
from app.events.query_origins import QueryOrigins
from app.events.ubi_delivery import FOLDER, UbiDelivery
from app.experiments.experiments import Experiments
from app.experiments.report_reader import ReportReader
from app.search.popular_queries import PopularQueries
from app.settings import AppSettings
from app.shoppers.related_products import RelatedProducts
from app.trust.desk.webhook import Webhook
from features.base import Json
from features.registry import Registry
from mappings.engine.connection import connect
from mappings.engine.gateway import Gateway
from mappings.events import decision_events
from mappings.events.event_documents import DATA_STREAM
from mappings.events.ubi_mapping import EVENTS, PATTERN


def open_event_gateway(settings: AppSettings) -> Gateway:
    """Return the gateway that may write and read what is recorded; nothing is sent yet."""
    return connect(settings.engine, api_key=settings.events_api_key)


def open_search_log(settings: AppSettings, gateway: Gateway) -> EventLog | None:
    """Return the log of searches and duplicate checks; None where they are not recorded.

    `gateway`, here and below, is that of events.
    """
    if not settings.log_searches:
        return None
    return EventLog(settings.state_dir / "spool", partial(gateway.bulk_create, DATA_STREAM))


def open_shop_log(settings: AppSettings, gateway: Gateway, features: Registry) -> EventLog | None:
    """Return the log of what shoppers ask and do; None where that is not recorded."""
    if not settings.shop_events:
        return None
    delivery = shop_delivery(settings, gateway, features)
    return EventLog(settings.state_dir / FOLDER, delivery, label="shop events")


def shop_delivery(settings: AppSettings, gateway: Gateway, features: Registry) -> UbiDelivery:
    """Return what completes and stores the documents of what shoppers ask and do."""
    products = product_reader(connect(settings.engine), settings.engine.index)
    return UbiDelivery(
        gateway.bulk_create,
        PictureGroups(features, gateway.search),
        QueryOrigins(gateway.search),
        products,
    )


def open_popular_queries(settings: AppSettings, gateway: Gateway) -> PopularQueries:
    """Return what is asked often; nothing where searches are not recorded."""
    search = partial(gateway.search, DATA_STREAM) if settings.log_searches else None
    return PopularQueries(search, settings.search.popular_networks)


def open_related_products(settings: AppSettings, gateway: Gateway) -> RelatedProducts:
    """Return what goes with a product; nothing where shoppers' events are not recorded."""
    return RelatedProducts(partial(gateway.search, EVENTS) if settings.shop_events else None)


def open_experiments(settings: AppSettings, gateway: Gateway, registry: Registry) -> Experiments:
    """Return the experiments, with what reads their events; raises InvalidSetting."""
    reports = ReportReader(partial(gateway.search, PATTERN))
    return Experiments(settings.experiments, registry, reports)


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
