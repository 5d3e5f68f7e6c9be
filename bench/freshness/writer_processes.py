"""Writers in processes of their own, which are killed again and again.

Each has a part of the products, as a queue with a partition for each consumer has. A batch whose
writer was killed is sent again, with the arrivals it had.
"""

import multiprocessing
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from bench.freshness.numbered_pictures import PRESENT, NumberedVector, other_model
from bench.freshness.statements import DeliveredStatement, change_of
from core.environment import Environment
from core.retries import RetryPolicy
from features.base import Feature, Json
from features.registry import Registry
from indexer.ledger.settings import open_ledger
from indexer.writing.change import Outcome
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import EngineSettings, connect

PATIENCE_S = 60.0


class WriterProcess:
    """One writer; `begin` sends a batch, `finish` waits for what became of it."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._batch: Sequence[DeliveredStatement] = ()
        self.kills = 0
        self._start()

    def begin(self, batch: Sequence[DeliveredStatement]) -> None:
        """Have a batch written."""
        self._batch = batch
        self._send()

    def kill(self) -> None:
        """Kill the process at once (SIGKILL), whatever it is at."""
        assert self._process.pid is not None
        # A kill of the round before may not be over yet.
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, signal.SIGKILL)
            self.kills += 1

    def finish(self) -> list[Outcome]:
        """Return what became of the batch; a killed writer's is written by a new one."""
        while True:
            try:
                outcomes: list[Outcome] = self._pipe.recv()
            except (EOFError, ConnectionResetError):
                self._restart()
                self._send()
            else:
                return outcomes

    def close(self) -> None:
        """End the process."""
        self._pipe.close()
        self._process.join()

    def _send(self) -> None:
        while True:
            try:
                self._pipe.send(self._batch)
            except (BrokenPipeError, ConnectionResetError):
                # It was killed after its last answer.
                self._restart()
            else:
                return

    def _restart(self) -> None:
        self._pipe.close()
        self._process.join()
        self._start()

    def _start(self) -> None:
        # Forked from a clean process, which is quick: a kill costs no start of Python.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        self._pipe, far = context.Pipe()
        # A daemon: where the bench fails, its end must not wait for writers that wait for it.
        self._process = context.Process(
            target=_serve, args=(far, dict(self._environment.values)), daemon=True
        )
        self._process.start()
        far.close()


def _serve(pipe: "Connection[Any, Any]", values: Mapping[str, str]) -> None:
    environment = Environment(values)
    settings = EngineSettings.from_env(environment)
    catalogue = open_numbered(environment)
    ledger = open_ledger(environment, settings.index)
    retry = RetryPolicy(PATIENCE_S)
    writer = RecordedWriter(catalogue, ledger, retry)
    while True:
        try:
            batch: Sequence[DeliveredStatement] = pipe.recv()
        except EOFError:
            return
        # As a web server does: what the index holds is looked up anew.
        fields = retry.call(catalogue.refresh_write_features)
        changes = [change_of(one, picture_values(fields, one.statement.picture)) for one in batch]
        results = retry.call(partial(writer.apply, changes))
        pipe.send([result.outcome for result in results])


def open_numbered(environment: Environment, model: str = PRESENT) -> Catalogue:
    """Return the catalogue with a model and, as its next one, the other."""
    settings = EngineSettings.from_env(environment)
    features, spare = Registry([NumberedVector(model)]), [NumberedVector(other_model(model))]
    return Catalogue(connect(settings), features, settings.index, spare=spare)


def picture_values(fields: Mapping[str, Feature], picture: int) -> dict[str, Json]:
    """Return the values of a picture's number, for each field that the index holds."""
    return {
        field: feature.value(picture)
        for field, feature in fields.items()
        if picture and isinstance(feature, NumberedVector)
    }
