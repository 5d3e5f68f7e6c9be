"""What the pages and the API share: built once per worker, found on the Flask app."""

from dataclasses import dataclass
from functools import partial
from typing import cast

from flask import current_app

from app.census import CensusKeeper
from app.duplicates import DuplicateCheck
from app.eyes import Eyes
from app.remembered import Remembered
from app.search_log import SearchLog
from app.searcher import Searcher
from app.settings import AppSettings
from app.trust.banks.bank_matching import BankMatching
from app.trust.banks.banks import Banks
from app.trust.desk.desk import Desk
from app.trust.desk.webhook import Webhook
from app.trust.examination.examiner import Examiner
from app.trust.examination.verdict import VerdictModel
from features import seeing
from features.decode import PUBLIC
from features.geometry.shelf import Shelf
from features.registry import Registry
from features.sandbox import Sandbox
from features.thumbnails import Thumbnails
from mappings.banks import BankIndex
from mappings.catalogue import Catalogue
from mappings.connection import connect
from mappings.desk import DeskIndex
from mappings.events import DATA_STREAM
from mappings.gateway import Gateway

KEY = "lookalike"


@dataclass(frozen=True)
class Services:
    """The parts of a running application."""

    settings: AppSettings
    registry: Registry
    catalogue: Catalogue
    searcher: Searcher
    duplicates: DuplicateCheck
    thumbnails: Thumbnails
    search_log: SearchLog | None
    eyes: Eyes
    examiner: Examiner
    bank_examiner: Examiner
    webhook: Webhook | None
    desk_index: DeskIndex
    desk: Desk
    banks: Banks

    def close(self) -> None:
        """End child processes and write what the log still holds."""
        self.eyes.close()
        if self.search_log is not None:
            self.search_log.close()
        if self.webhook is not None:
            self.webhook.close()


def build(settings: AppSettings, registry: Registry) -> Services:
    """Return the services. Nothing is sent to Elasticsearch and no process started yet."""
    engine = settings.engine
    catalogue = Catalogue(connect(engine), registry, engine.index)
    eyes = Eyes(registry, Sandbox(settings.decoders, PUBLIC))
    census = CensusKeeper(catalogue, settings.census_s)
    memory = Remembered(settings.state_dir / "queries", settings.remember_s)
    searcher = Searcher(registry, catalogue, eyes, census, memory, settings)
    log = _search_log(settings) if settings.log_searches else None
    thumbnails = Thumbnails(settings.state_dir / "media")
    gateway = connect(engine, api_key=settings.desk.api_key)
    shelf = Shelf(settings.state_dir / "keypoints", thumbnails)
    examiner, bank_examiner = _examiners(settings, gateway, registry, shelf)
    check = DuplicateCheck(examiner, eyes, catalogue, registry)
    webhook = _webhook(settings)
    desk_index = DeskIndex(gateway, settings.desk.index)
    desk = Desk(desk_index, settings.desk, tell=webhook.send if webhook else None)
    index = BankIndex(gateway, registry, settings.desk.banks)
    matching = BankMatching(gateway, registry, index, engine.index, examiner, bank_examiner)
    banks = Banks(
        index, matching, catalogue=catalogue, eyes=eyes, thumbnails=thumbnails, shelf=shelf,
        desk=desk,
    )  # fmt: skip
    return Services(
        settings, registry, catalogue, searcher, check, thumbnails, log, eyes,
        examiner, bank_examiner, webhook, desk_index, desk, banks,
    )  # fmt: skip


def _examiners(
    settings: AppSettings, gateway: Gateway, registry: Registry, shelf: Shelf
) -> tuple[Examiner, Examiner]:
    """Return who examines pictures beside the products, and beside the banks."""
    model = VerdictModel.load()
    finders = [name for name in seeing.quick(registry) if settings.weights.get(name, 1.0) > 0]
    products, banks = (
        Examiner(gateway, index, registry, shelf, model, finders)
        for index in (settings.engine.index, settings.desk.banks)
    )
    return products, banks


def _search_log(settings: AppSettings) -> SearchLog:
    gateway = connect(settings.engine, api_key=settings.events_api_key)
    return SearchLog(settings.state_dir / "spool", partial(gateway.bulk_create, DATA_STREAM))


def _webhook(settings: AppSettings) -> Webhook | None:
    desk = settings.desk
    if not desk.webhook_url:
        return None
    return Webhook(desk.webhook_url, desk.webhook_secret, settings.state_dir / "webhook")


def services() -> Services:
    """Return the running application's services."""
    return cast(Services, current_app.extensions[KEY])
