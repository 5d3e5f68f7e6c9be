"""A small real shop for the tests: the saleor demo feed, loaded once, and the application on it."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apiflask import APIFlask

from app.factory import create_app
from app.hma.settings import HmaSettings
from app.services import Services, build_services
from core.environment import Environment
from features.regions import finders
from features.registry import load
from tests.support.changed_settings import changed_settings
from tests.support.engine import Engine
from tests.support.own_index import own_index


@dataclass(frozen=True)
class Shop:
    """A loaded index, and where its pictures lie."""

    environment: Environment
    pictures: Path

    @contextmanager
    def services(self, **changes: object) -> Iterator[Services]:
        """Give the application's parts, with some settings changed."""
        settings = changed_settings(self.environment, **changes)
        services = build_services(
            settings, load(self.environment), regions=finders.load(self.environment)
        )
        try:
            yield services
        finally:
            services.close()

    @contextmanager
    def app(self, hma: HmaSettings | None = None, **changes: object) -> Iterator[APIFlask]:
        """Give the application, with some settings changed."""
        with self.services(**changes) as services:
            yield create_app(services, hma)

    def picture(self, name: str) -> bytes:
        """Return one of the feed's pictures."""
        return (self.pictures / name).read_bytes()


@contextmanager
def opened(engine: Engine, shared_data: Path, settings: Environment) -> Iterator[Shop]:
    """Load the feed with the program's own indexer; delete the index at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="lookalike-shop-") as state,
        own_index(engine, {**settings.values, "LOOKALIKE_STATE_DIR": state}) as environment,
    ):
        feed = shared_data / "saleor" / "products.jsonl"
        command = [sys.executable, "-m", "indexer", "load", str(feed)]
        loading = [*command, "--rejects", f"{state}/rejects.jsonl"]
        subprocess.run(loading, env=dict(environment.values), check=True, timeout=280)
        yield Shop(environment, feed.parent / "images")
