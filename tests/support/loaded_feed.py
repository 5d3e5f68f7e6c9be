"""A feed of a test's own, loaded by the program's own indexer."""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.environment import Environment
from tests.support.engine import Engine
from tests.support.own_index import own_index
from tests.support.shop import Shop


@contextmanager
def loaded_feed(
    engine: Engine, settings: Environment, write_feed: Callable[[Path], Path]
) -> Iterator[Shop]:
    """Give the shop that `write_feed` writes into a folder; delete its index at the end."""
    with (
        tempfile.TemporaryDirectory(prefix="lookalike-feed-") as state,
        own_index(
            engine,
            {
                **settings.values,
                "LOOKALIKE_STATE_DIR": state,
                "LOOKALIKE_FEATURES": "checksum,colour,embedding",
            },
        ) as environment,
    ):
        feed = write_feed(Path(state))
        command = [sys.executable, "-m", "indexer", "load", str(feed), "--no-measure"]
        subprocess.run(command, env=dict(environment.values), check=True, timeout=280)
        yield Shop(environment, feed.parent)
