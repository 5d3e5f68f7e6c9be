"""An index of a bench's own on a real Elasticsearch, filled and asked by the program's own code."""

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.services import Services, build_services
from app.settings import AppSettings
from bench.report import log_progress
from core.environment import Environment
from core.errors import EngineUnavailable
from core.progress import Work, show_progress
from features import extraction, registry
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.regions import finders
from features.regions.finders import RegionFinderChain
from features.registry import Registry
from indexer.feeds.feed import open_feed
from indexer.feeds.rejection_file import RejectionFile
from indexer.fetching.fetcher import Fetcher
from indexer.loading.dependencies import LoadDependencies
from indexer.loading.load import Load
from indexer.loading.report import LoadReport
from indexer.settings import FetchSettings, LoadSettings
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import EngineSettings, connect
from ops.node import Node
from ops.server import Server

DECODE_S = 20.0
"""As patient as `python -m indexer load`: a load keeps every core busy."""


@dataclass(frozen=True)
class Workspace:
    """Settings that lead to a new index and a new state folder, both gone at the end.

    `registry` holds the quick features: slow ones (`Deferred`) are asked of no query by default,
    and would only make a load longer.
    """

    environment: Environment
    registry: Registry

    @property
    def folder(self) -> Path:
        """A folder for the bench's own files."""
        return self.environment.state_dir()

    def load(self, feed: Path) -> LoadReport:
        """Load a feed as `python -m indexer load` does."""
        return load_feed(self.environment, self.registry, feed)

    @contextmanager
    def services(self) -> Iterator[Services]:
        """Give what the web application answers with."""
        services = build_services(AppSettings.from_env(self.environment), self.registry)
        try:
            yield services
        finally:
            services.close()


def load_feed(environment: Environment, features: Registry, feed: Path) -> LoadReport:
    """Load a feed with these features, none of them slow, and say so on standard error."""
    settings, opened = LoadSettings.from_env(environment), open_feed(feed)
    with (
        Sandbox(settings.workers, FEED_LIMITS, timeout_s=DECODE_S) as sandbox,
        RejectionFile(environment.state_dir() / "rejects.jsonl") as rejects,
        show_progress(Work("loading", "products", "pictures")) as progress,
    ):
        tools = LoadDependencies(
            catalogue=_catalogue(environment, features),
            features=features,
            build_deferred=partial(Registry, ()),
            fetcher=Fetcher(opened.home, FetchSettings(), FEED_LIMITS.max_bytes),
            decoder=sandbox,
            thumbnails=Thumbnails(environment.state_dir() / "media"),
            finders=finders.load(environment) if settings.regions else RegionFinderChain(),
        )
        report = Load(opened, tools, settings, rejects, progress).run()
    if report.rejects is not None:
        log_progress(f"{report.rejected} rejected:\n{report.rejects.read_text(encoding='utf-8')}")
    return report


@contextmanager
def open_workspace(*, keep: bool = False, **settings: str) -> Iterator[Workspace]:
    """Give a workspace with these `settings`; with `keep`, its index stays, and its name is told.

    Raises EngineUnavailable when there is no Elasticsearch.
    """
    alias = f"bench-{secrets.token_hex(6)}"
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
        here = {
            "LOOKALIKE_INDEX": alias,
            "LOOKALIKE_STATE_DIR": folder,
            # The search log is one for the whole server; made-up searches do not belong in it.
            "LOOKALIKE_LOG_SEARCHES": "no",
            **settings,
        }
        environment = Environment({**with_server(Environment.current()).values, **here})
        quick = extraction.quick_features(registry.load(environment))
        environment = Environment({**environment.values, "LOOKALIKE_FEATURES": ",".join(quick)})
        try:
            yield Workspace(environment, quick)
        finally:
            if keep:
                log_progress(f"kept: LOOKALIKE_INDEX={alias} LOOKALIKE_FEATURES={','.join(quick)}")
            else:
                _delete(environment, alias)


def with_server(environment: Environment) -> Environment:
    """Return settings that lead to the server they name, or else to the local node."""
    if Server.from_env(environment):
        return environment
    server = Node(environment).server()
    if server is None:
        raise EngineUnavailable(
            "no Elasticsearch: set ELASTICSEARCH_URL, or start one: python -m ops node start"
        )
    there = {
        "ELASTICSEARCH_URL": server.url,
        "ELASTICSEARCH_USER": server.user,
        "ELASTICSEARCH_PASSWORD": server.password,
    }
    return Environment({**environment.values, **there})


def _catalogue(environment: Environment, features: Registry) -> Catalogue:
    settings = EngineSettings.from_env(environment)
    return Catalogue(connect(settings), features, settings.index, settings.shards)


def _delete(environment: Environment, alias: str) -> None:
    gateway = connect(EngineSettings.from_env(environment))
    for name in gateway.indices(f"{alias}-*"):
        gateway.delete_index(name)
    gateway.close()
