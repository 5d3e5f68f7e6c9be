"""Measure a sync: rows that have not changed, and changed prices and stocks."""

import click
import psutil

from bench.instruments.processor_time import ProcessorTime, engine_process
from bench.options import with_output_options
from bench.report import Report, at_least, at_most, reporting
from bench.steps.shop_table import ShopTable, SyncRuns
from bench.workspace import open_workspace
from core.errors import LookalikeError
from mappings.engine.connection import EngineSettings

UNCHANGED_ROWS, UNCHANGED_S = 100_000, 60
"""Limit of seconds for a run over UNCHANGED_ROWS rows."""

PRICE_RATE = 1500
"""Least number of products a second that get another price and stock."""

PICTURES = 50
"""Drawn pictures that all products share: a sync's own cost is not that of pictures."""

CHANGE = "UPDATE products SET price = price + 1, stock = stock + 1, updated_at = updated_at + 1"


@click.command("sync")
@click.option("--rows", type=click.IntRange(10), default=UNCHANGED_ROWS, show_default=True)
@click.option("--prices", type=click.IntRange(1), default=20_000, show_default=True)
@click.option(
    "--features",
    default="checksum,colour",
    show_default=True,
    help="Features of the pictures; `all` for those of a shop without settings.",
)
@with_output_options
def command(rows: int, prices: int, features: str, keep: bool, markdown: bool) -> None:
    """Sync a table of ROWS products without changes, and with PRICES changed ones."""
    chosen = "" if features == "all" else features
    with (
        reporting("sync", markdown=markdown) as report,
        open_workspace(keep=keep, LOOKALIKE_FEATURES=chosen) as space,
    ):
        report.sizes |= {"rows": rows, "prices": prices, "pictures": PICTURES}
        table = ShopTable(space.folder / "shop.db")
        # Written as an earlier load would have left them: a sync's figures are not those of a load.
        table.fill(min(rows, PICTURES), PICTURES)
        with SyncRuns(space, table.address) as runs:
            runs.run()
            table.extend(min(rows, PICTURES), rows, PICTURES)
            runs.write_rows()
            engine = engine_process(EngineSettings.from_env(space.environment).url)
            measure(report, table, runs, engine, rows, prices)


def measure(
    report: Report,
    table: ShopTable,
    runs: SyncRuns,
    engine: psutil.Process | None,
    rows: int,
    prices: int,
) -> None:
    """Report the figures of one table; raises LookalikeError when a run did something else."""
    first = runs.run()
    _require(first.unchanged == rows, "products that a load had left were written again")
    report.add("first.rate", rows / first.seconds, "rows/s")
    again = runs.run()
    _require(again.unchanged == rows, "rows that had not changed were written again")
    limit = at_most(UNCHANGED_S) if rows >= UNCHANGED_ROWS else None
    report.add("unchanged.time", again.seconds, "s", limit)
    report.add("unchanged.rate", rows / again.seconds, "rows/s")
    report.add("unchanged.features_computed", again.pictures, "pictures", at_most(0))
    table.change(f"{CHANGE} WHERE id < 'p{prices:06d}'")
    processor = ProcessorTime([psutil.Process(), engine])
    changed = runs.run()
    cost = processor.ms()
    _require(changed.updated == prices, "other products than those with a new price were written")
    report.add("prices.pictures_computed", changed.pictures, "pictures", at_most(0))
    # Reading the rows that did not change is the same as above, and no part of the writing.
    spent = changed.seconds - again.seconds * (rows - prices) / rows
    # Of the sync and of Elasticsearch, for all rows: other work adds little to it.
    report.add("prices.processor_time", cost / prices, "ms/product")
    report.add("prices.rate", prices / spent, "products/s", at_least(PRICE_RATE))


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise LookalikeError(otherwise)
