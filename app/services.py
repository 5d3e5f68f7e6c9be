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
from features.decode import PUBLIC
from features.registry import Registry
from features.sandbox import Sandbox
from features.thumbnails import Thumbnails
from mappings.catalogue import Catalogue
from mappings.connection import connect
from mappings.events import DATA_STREAM

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

    def close(self) -> None:
        """End child processes and write what the log still holds."""
        self.eyes.close()
        if self.search_log is not None:
            self.search_log.close()


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
    check = DuplicateCheck(searcher)
    return Services(settings, registry, catalogue, searcher, check, thumbnails, log, eyes)


def _search_log(settings: AppSettings) -> SearchLog:
    gateway = connect(settings.engine, api_key=settings.events_api_key)
    return SearchLog(settings.state_dir / "spool", partial(gateway.bulk_create, DATA_STREAM))


def services() -> Services:
    """Return the running application's services."""
    return cast(Services, current_app.extensions[KEY])
