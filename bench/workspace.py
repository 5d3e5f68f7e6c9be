"""An index of its own for a bench, filled and searched by the product's own code."""

import secrets
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
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
from features.capabilities import Deferred
from features.fetching.settings import FetchSettings
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.regions import finders
from features.regions.finders import RegionFinderChain
from features.registry import Registry
from indexer.feeds.feed import open_feed
from indexer.feeds.rejection_file import RejectionFile
from indexer.fetching.fetcher import Fetcher
from indexer.ledger.settings import open_ledger
from indexer.loading.dependencies import LoadDependencies
from indexer.loading.load import Load
from indexer.loading.report import LoadReport
from indexer.measure import measure_if_outgrown
from indexer.settings import LoadSettings
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.search_terms import TEXT_FEATURE
from mappings.engine.connection import EngineSettings, connect
from ops.node import Node
from ops.server import Server

DECODE_S = 20.0
"""Time limit for decoding a picture, as in `python -m indexer load`, which keeps all cores busy."""


@dataclass(frozen=True)
class Workspace:
    """Settings for a new index and a new state folder, both deleted at the end.

    `registry` holds the fast features, and the one that reads text only where it is asked for: slow
    ones (`Deferred`) make a load longer, and few benches need them.
    """

    environment: Environment
    registry: Registry

    @property
    def folder(self) -> Path:
        """Return the folder for the bench's own files."""
        return self.environment.state_dir()

    def load(self, feed: Path) -> LoadReport:
        """Load a feed as `python -m indexer load` does."""
        return load_feed(self.environment, self.registry, feed)

    @contextmanager
    def services(self) -> Iterator[Services]:
        """Yield the services that the web application uses."""
        services = build_services(AppSettings.from_env(self.environment), self.registry)
        try:
            yield services
        finally:
            services.close()


def load_feed(environment: Environment, features: Registry, feed: Path) -> LoadReport:
    """Load a feed with these fast features, and measure the index if it has outgrown its measure.

    Rejected rows are logged to standard error.
    """
    settings, opened = LoadSettings.from_env(environment), open_feed(feed)
    with (
        Sandbox(settings.workers, FEED_LIMITS, timeout_s=DECODE_S) as sandbox,
        RejectionFile(environment.state_dir() / "rejects.jsonl") as rejects,
        closing(open_ledger(environment, EngineSettings.from_env(environment).index)) as ledger,
        show_progress(Work("loading", "products", "pictures")) as progress,
    ):
        tools = LoadDependencies(
            catalogue=open_catalogue(environment, features),
            ledger=ledger,
            features=features,
            build_deferred=partial(build_deferred, environment, tuple(features)),
            fetcher=Fetcher(opened.home, FetchSettings(), FEED_LIMITS.max_bytes),
            decoder=sandbox,
            thumbnails=Thumbnails(environment.state_dir() / "media"),
            finders=finders.load(environment) if settings.regions else RegionFinderChain(),
        )
        report = Load(opened, tools, settings, rejects, progress).run()
    if report.rejects is not None:
        log_progress(f"{report.rejected} rejected:\n{report.rejects.read_text(encoding='utf-8')}")
    measure_if_outgrown(open_catalogue(environment, features), features)
    return report


def build_deferred(environment: Environment, names: Sequence[str]) -> Registry:
    """Return the slow ones of these features; called in a process of its own."""
    every = registry.load(environment)
    return Registry(every[name] for name in names if isinstance(every[name], Deferred))


@contextmanager
def open_workspace(
    *, keep: bool = False, reads_text: bool = False, **settings: str
) -> Iterator[Workspace]:
    """Yield a workspace with these extra settings. With `keep`, leave the index and log its name.

    With `reads_text`, the text in pictures is read, too.

    Raises EngineUnavailable when there is no Elasticsearch.
    """
    alias = f"bench-{secrets.token_hex(6)}"
    with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
        here = {
            "LOOKALIKE_INDEX": alias,
            "LOOKALIKE_STATE_DIR": folder,
            # The server has one log of each; generated searches do not belong there.
            "LOOKALIKE_LOG_SEARCHES": "no",
            "LOOKALIKE_SHOP_EVENTS": "no",
            **settings,
        }
        given = Environment({**Environment.current().values, **settings})
        environment = Environment({**with_server(given).values, **here})
        every = registry.load(environment)
        names = [*extraction.quick_features(every), *([TEXT_FEATURE] if reads_text else [])]
        used = ",".join(names)
        environment = Environment({**environment.values, "LOOKALIKE_FEATURES": used})
        try:
            yield Workspace(environment, Registry(every[name] for name in names))
        finally:
            if keep:
                log_progress(f"kept: LOOKALIKE_INDEX={alias} LOOKALIKE_FEATURES={used}")
            else:
                _delete(environment, alias)


def with_server(environment: Environment) -> Environment:
    """Return the settings with a server: the one they name, or else the local node.

    Raises EngineUnavailable when there is neither.
    """
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


def open_catalogue(environment: Environment, features: Registry) -> Catalogue:
    """Return the catalogue of the index that the settings name."""
    settings = EngineSettings.from_env(environment)
    return Catalogue(connect(settings), features, settings.index, settings.shards)


def _delete(environment: Environment, alias: str) -> None:
    gateway = connect(EngineSettings.from_env(environment))
    for name in gateway.indices(f"{alias}-*"):
        gateway.delete_index(name)
    gateway.close()
