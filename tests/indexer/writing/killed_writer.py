"""A writer in a process of its own that is killed at a chosen moment."""

import multiprocessing
import os
import signal
from collections.abc import Sequence
from pathlib import Path

from bench.freshness.numbered_pictures import NEXT, PRESENT, NumberedVector
from core.retries import RetryPolicy
from features.registry import Registry
from indexer.ledger.ledger import Ledger
from indexer.writing.change import Change
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.conditional_writes import ConditionalWrite
from mappings.engine.gateway import Gateway
from tests.support.engine import Engine

MOMENTS = ("before", "after")
"""Before a recorded change is sent to Elasticsearch, and after its answer."""

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload([__name__])


class Deadly(Catalogue):
    """A catalogue that kills its process with the first write."""

    moment = ""

    def write_conditionally(
        self, writes: Sequence[ConditionalWrite], *, wait: bool = False
    ) -> dict[str, str]:
        if self.moment == "after":
            super().write_conditionally(writes, wait=wait)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("the process is dead")


def write_and_die(
    engine: Engine, alias: str, ledger: Path, changes: Sequence[Change], moment: str
) -> None:
    """Apply changes in another process, which dies of it; raises AssertionError if it lives.

    Changes that lead to no write end it without a kill.
    """
    process = context.Process(target=_write, args=(engine, alias, ledger, list(changes), moment))
    process.start()
    process.join(60)
    assert process.exitcode in (0, -signal.SIGKILL), process.exitcode


def _write(engine: Engine, alias: str, path: Path, changes: list[Change], moment: str) -> None:
    gateway = Gateway(engine.url, basic_auth=(engine.user, engine.password))
    features, spare = Registry([NumberedVector(PRESENT)]), [NumberedVector(NEXT)]
    catalogue = Deadly(gateway, features, alias, spare=spare)
    catalogue.moment = moment
    catalogue.refresh_write_features()
    RecordedWriter(catalogue, Ledger(path), RetryPolicy(10)).apply(changes)
