"""Measure what faults do to a catalogue that is being written: nothing lost, nothing doubled."""

from collections.abc import Callable, Mapping

import click

from bench.options import with_output_options
from bench.report import Report, reporting
from bench.steps.blocked_writes import measure_block, measure_faulty_answers
from bench.steps.killed_syncs import measure_kills
from bench.steps.lost_nodes import measure_lost_nodes
from bench.steps.rebuild_searches import measure_rebuilds
from bench.steps.restored_snapshot import measure_restore
from bench.workspace import Workspace, open_workspace

SEARCHES_A_SECOND = 50.0

Measurement = Callable[[Report, Workspace], None]


@click.command("faults")
@click.argument("names", nargs=-1, type=click.Choice(["F1", "F5", "F6", "F7", "F8"]))
@click.option("--products", type=click.IntRange(20), default=20_000, show_default=True)
@click.option("--kills", type=click.IntRange(1), default=200, show_default=True, help="Of F5.")
@click.option("--rebuild-kills", type=click.IntRange(0), default=10, show_default=True)
@click.option("--blocked-s", type=float, default=60.0, show_default=True)
@click.option("--searches", type=float, default=SEARCHES_A_SECOND, show_default=True)
@click.option("--documents", type=click.IntRange(200), default=100_000, show_default=True)
@click.option("--node-kills", type=click.IntRange(0), default=20, show_default=True, help="Of F1.")
@click.option("--node-stops", type=click.IntRange(0), default=5, show_default=True, help="Of F2.")
@click.option("--stopped-s", type=float, default=60.0, show_default=True, help="Of F2.")
@with_output_options
def command(
    names: tuple[str, ...],
    products: int,
    kills: int,
    rebuild_kills: int,
    blocked_s: float,
    searches: float,
    documents: int,
    node_kills: int,
    node_stops: int,
    stopped_s: float,
    keep: bool,
    markdown: bool,
) -> None:
    """Put a catalogue through the faults NAMES; all of them by default.

    F1 kills nodes of a cluster of its own while it is written to, F2 stops some, and F3 searches
    meanwhile: all three are F1 here. F5 kills a sync, F6 blocks its writes and disturbs its
    requests, F7 kills rebuilds while people search, F8 restores a snapshot.
    """

    def blocks(report: Report, space: Workspace) -> None:
        measure_block(report, space, min(products, 2000), blocked_s)

    def disturbances(report: Report, space: Workspace) -> None:
        measure_faulty_answers(report, space, min(products, 2000))

    steps: Mapping[str, tuple[Measurement, ...]] = {
        "F5": (lambda report, space: measure_kills(report, space, products, kills),),
        "F6": (blocks, disturbances),
        "F7": (
            lambda report, space: measure_rebuilds(
                report, space, min(products, 5000), rebuild_kills, searches
            ),
        ),
        "F8": (lambda report, space: measure_restore(report, space, min(products, 2000)),),
    }
    with reporting("faults", markdown=markdown) as report:
        if not names or "F1" in names:
            measure_lost_nodes(report, documents, node_kills, node_stops, stopped_s)
        for name in (name for name in names or steps if name in steps):
            for measure in steps[name]:
                # Pictures cost little, so that the faults meet writes and not features.
                with open_workspace(keep=keep, LOOKALIKE_FEATURES="checksum,colour") as space:
                    report.sizes.clear()
                    measure(report, space)
