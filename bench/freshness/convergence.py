"""Count how an index differs from its sources after changes that were shuffled and cut off.

CHANGES changes of PRODUCTS products by two sources go through two writers, processes of their own,
which are killed KILLS times. The changes are shuffled within a window, a tenth is delivered twice,
and a tenth of what precedes a delete is delivered more than a minute after it, when Elasticsearch
has forgotten the delete. Meanwhile the index is rebuilt and its model swapped. The pictures are
numbers: their features cost nothing.
"""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import count

import click

from bench.freshness import index_changes
from bench.freshness.index_changes import IndexChange
from bench.freshness.numbered_pictures import NEXT, NumberedVector
from bench.freshness.statements import (
    DeliveredStatement,
    Statement,
    expected_product,
    stored_product,
)
from bench.freshness.writer_processes import WriterProcess, open_numbered
from bench.options import with_output_options
from bench.report import Report, at_most, log_progress, reporting
from bench.workspace import open_workspace
from core.environment import Environment
from features.base import Json
from indexer.ledger.settings import open_ledger
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import EngineSettings

WRITERS = 2
BATCH = 50
WINDOW = 400
"""Changes among which the order is lost."""

DOUBLED, LATE = 0.1, 0.1
FORGOTTEN_S = 61.0
"""Elasticsearch forgets the version of a deleted document after 60 s."""

LONGEST_BATCH_S = 0.5
BEGIN_S = 60.0


@click.command("convergence")
@click.option("--changes", type=click.IntRange(100), default=100_000, show_default=True)
@click.option("--products", type=click.IntRange(1), default=5000, show_default=True)
@click.option("--kills", type=click.IntRange(0), default=50, show_default=True)
@click.option("--seed", type=int, default=7, show_default=True)
@click.option("--late-after", type=click.FloatRange(0), default=FORGOTTEN_S, show_default=True)
@with_output_options
def command(
    changes: int,
    products: int,
    kills: int,
    seed: int,
    late_after: float,
    keep: bool,
    markdown: bool,
) -> None:
    """Deliver CHANGES changes of PRODUCTS products while writers are killed, and compare."""
    with (
        reporting("convergence", markdown=markdown) as report,
        open_workspace(keep=keep, LOOKALIKE_FEATURES="checksum") as space,
    ):
        report.sizes |= {"changes": changes, "products": products, "kills": kills}
        catalogue = open_numbered(space.environment)
        catalogue.prepare()
        chance = random.Random(seed)
        statements = list(_said(chance, changes, products))
        punctual, late = _scheduled(chance, statements)
        log_progress(f"{len(punctual)} deliveries, and {len(late)} after {late_after:g} s")
        began = time.monotonic()
        run = _Run(space.environment, chance, kills, len(punctual) + len(late))
        third = len(punctual) // 3
        run.deliver(punctual[:third])
        catalogue.refresh()
        feed = index_changes.export_feed(
            index_changes.products_of(catalogue), space.folder / "export"
        )
        begun = threading.Event()
        rebuilding = IndexChange(partial(index_changes.rebuild, space.environment, feed, begun.set))
        begun.wait(BEGIN_S)
        run.deliver(punctual[third : 2 * third])
        rebuilding.end()
        log_progress("rebuilt")
        swapping = IndexChange(partial(index_changes.swap_model, space.environment))
        run.deliver(punctual[2 * third :])
        swapping.end()
        log_progress("the model is swapped")
        time.sleep(late_after)
        waited = late_after
        run.deliver(late)
        run.deliver_again()
        took = time.monotonic() - began - waited
        run.close()
        report.add("rate", len(run.deliveries) / took, "changes/s")
        report.add("killed", run.kills, "writers")
        _compare(report, catalogue, run.deliveries)


def _said(chance: random.Random, changes: int, products: int) -> Iterator[Statement]:
    """Yield what the sources say, in the order in which they say it."""
    there: set[str] = set()
    versions = count(1)
    for _ in range(changes):
        key = f"p{chance.randrange(products)}"
        kind = chance.choices(("put", "patch", "count", "delete"), (25, 50, 15, 10))[0]
        if kind == "put" or key not in there:
            there.add(key)
            values: dict[str, Json] = {"title": f"thing {chance.randrange(50)}"}
            values |= {"price": float(chance.randrange(1, 90)), "stock": chance.randrange(9)}
            yield Statement("put", key, values, chance.randrange(1, 6), next(versions))
        elif kind == "delete":
            there.discard(key)
            yield Statement("delete", key, version=next(versions))
        elif kind == "count":
            yield Statement("patch", key, {"stock": chance.randrange(100, 120)})
        else:
            name = chance.choice(("price", "stock"))
            # A feed's price of 0 is none.
            value = chance.choice((None, float(chance.randrange(1, 90)), 7.0))
            stored = int(value) if name == "stock" and value is not None else value
            yield Statement("patch", key, {name: stored}, version=next(versions))


def _scheduled(
    chance: random.Random, statements: Sequence[Statement]
) -> tuple[list[Statement], list[Statement]]:
    """Return what is delivered at once, shuffled and doubled, and what comes late."""
    deleted: dict[str, int] = {}
    for statement in statements:
        if statement.kind == "delete" and statement.version is not None:
            deleted[statement.key] = statement.version
    late = [
        statement
        for statement in statements
        if statement.version is not None
        and statement.version < deleted.get(statement.key, 0)
        and chance.random() < LATE
    ]
    held_back = {(statement.key, statement.version) for statement in late}
    punctual = [s for s in statements if s.version is None or (s.key, s.version) not in held_back]
    punctual += [s for s in statements if s.version is not None and chance.random() < DOUBLED]
    # Sorting by a disturbed position shuffles within a window, doubles anywhere.
    places = {id(s): n for n, s in enumerate(statements)}
    punctual.sort(key=lambda s: places[id(s)] + chance.randrange(WINDOW))
    return punctual, late


class _Run:
    """The deliveries of one run, in their order."""

    def __init__(
        self, environment: Environment, chance: random.Random, kills: int, total: int
    ) -> None:
        index = EngineSettings.from_env(environment).index
        self.deliveries: list[DeliveredStatement] = []
        self._chance = chance
        self._ledger = open_ledger(environment, index)
        self._writers = [WriterProcess(environment) for _ in range(WRITERS)]
        self._waiting: list[Statement] = []
        rounds = max(1, total // (WRITERS * BATCH))
        self._rounds = count()
        self._deadly = frozenset(chance.sample(range(rounds), min(kills, rounds)))

    @property
    def kills(self) -> int:
        """How many writers were killed."""
        return sum(writer.kills for writer in self._writers)

    def close(self) -> None:
        """End the writers."""
        for writer in self._writers:
            writer.close()
        self._ledger.close()

    def deliver(self, statements: Sequence[Statement]) -> None:
        """Deliver statements, each product's by one writer, in batches."""
        parts: list[list[Statement]] = [[] for _ in self._writers]
        for statement in statements:
            parts[int(statement.key[1:]) % len(parts)].append(statement)
        longest = max(len(part) for part in parts)
        for start in range(0, longest, BATCH):
            batches = [self._arrived(part[start : start + BATCH]) for part in parts]
            self._write(batches)

    def deliver_again(self) -> None:
        """Deliver patches again that came before their product, as their sender would."""
        while self._waiting:
            again, self._waiting = self._waiting, []
            self.deliver(again)
            if len(self._waiting) == len(again):
                return

    def _arrived(self, statements: Sequence[Statement]) -> list[DeliveredStatement]:
        if not statements:
            return []
        first = self._ledger.next_arrival(len(statements))
        return [DeliveredStatement(one, first + number) for number, one in enumerate(statements)]

    def _write(self, batches: Sequence[Sequence[DeliveredStatement]]) -> None:
        busy = [(w, batch) for w, batch in zip(self._writers, batches, strict=True) if batch]
        for writer, batch in busy:
            writer.begin(batch)
        if busy and next(self._rounds) in self._deadly:
            time.sleep(self._chance.random() * LONGEST_BATCH_S)
            self._chance.choice(busy)[0].kill()
        for writer, batch in busy:
            for delivery, outcome in zip(batch, writer.finish(), strict=True):
                if outcome != "unknown_product":
                    self.deliveries.append(delivery)
                elif delivery.statement.version is not None:
                    self._waiting.append(delivery.statement)


def _compare(
    report: Report, catalogue: Catalogue, deliveries: Sequence[DeliveredStatement]
) -> None:
    """Compare every product of the index with what was delivered of it."""
    catalogue.refresh()
    by_key: dict[str, list[DeliveredStatement]] = defaultdict(list)
    for delivery in deliveries:
        by_key[delivery.statement.key].append(delivery)
    wanted = {key: expected_product(key, said) for key, said in by_key.items()}
    stored = {product["id"]: product for product in index_changes.products_of(catalogue)}
    there = {key: stored_product(product) for key, product in stored.items()}
    (version, *_) = catalogue.refresh_write_features()
    unfilled = [key for key, product in stored.items() if not _has_value(product, version)]
    present = {key for key, product in wanted.items() if product is not None}
    deleted = wanted.keys() - present
    differing = [key for key in present & there.keys() if there[key] != wanted[key]]
    for key in differing[:3]:
        log_progress(f"{key}: {there[key]} instead of {wanted[key]}")
    report.add("products_present", len(present), "products")
    report.add("differing", len(differing), "products", at_most(0))
    report.add("missing", len(present - there.keys()), "products", at_most(0))
    report.add("brought_back", len(there.keys() & deleted), "products", at_most(0))
    report.add("without_the_next_model", len(unfilled), "products", at_most(0))
    report.add("of_no_source", len(there.keys() - wanted.keys()), "products", at_most(0))


def _has_value(product: Mapping[str, Json], field: str) -> bool:
    """Say whether a product's picture has the value that the next model gives it."""
    wanted = NumberedVector(NEXT).value(stored_product(product)["picture"])
    (picture,) = product["images"]
    return field in picture and [round(number, 1) for number in picture[field]] == wanted
