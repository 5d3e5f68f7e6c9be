"""Measures the index's recall and latency for the planner, and shows progress."""

from collections.abc import Iterable

import click

from core.progress import Work, show_progress
from features.base import Feature
from features.registry import Registry
from mappings.catalogue import versions
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.recall import RecallFigure, RecallTable
from mappings.catalogue.vector_graphs import GRAPH_FROM
from mappings.engine.connection import EngineSettings, connect
from mappings.planning import measurement

MIN_PICTURES = 10_000
"""In a smaller index every search compares all pictures, which takes a few milliseconds."""

LOAD_BUDGET_S = 120.0
"""Time limit of the measurement at the end of a load."""


def measure(
    catalogue: Catalogue, registry: Registry, *, queries: int, seconds: float
) -> RecallTable:
    """Measure the index, store the result in it, and return it. Shows progress.

    A running application uses it within LOOKALIKE_STATISTICS_S.
    """

    with show_progress(Work("measuring", "queries")) as progress:

        def report(count: int, total: int) -> None:
            if count == 1:
                progress.set_total(total)
            progress.move_to(count)

        table = measurement.measure(
            catalogue, registry, queries=queries, seconds=seconds, tell=report
        )
    catalogue.store_recall_table(table)
    return table


def measure_if_outgrown(catalogue: Catalogue, registry: Registry) -> None:
    """Measure the index if it is large and has outgrown its last measurement.

    A very large one keeps its codes in a graph from then on, and is measured again.
    """
    pictures = catalogue.summary()["pictures"]
    table = catalogue.recall_table()
    grown = catalogue.add_graphs() if pictures >= GRAPH_FROM else ()
    if grown:
        click.echo(f"{pictures:,} pictures: {', '.join(grown)} is kept in a graph", err=True)
    elif pictures < MIN_PICTURES or (table and not table.is_outgrown(pictures)):
        return
    click.echo("merging segments and measuring recall; --no-measure skips this", err=True)
    catalogue.merge()
    table = measure(catalogue, registry, queries=measurement.QUERIES, seconds=LOAD_BUDGET_S)
    click.echo(format_table(table), err=True)


def measure_standby(
    settings: EngineSettings, loaded: Registry, spare: Iterable[Feature], feature: Feature
) -> None:
    """Measure the index as if the standby version were in service, if the index is large.

    Without a measurement, every search would be exact after the switch. `loaded` and `spare` are
    all available features; `feature` computes the standby version and has its field.
    """
    meta = Catalogue(connect(settings), loaded, settings.index).meta()
    coming = versions.features_in_service(loaded, spare, meta).with_feature(feature)
    measure_if_outgrown(Catalogue(connect(settings), coming, settings.index), coming)


def format_table(table: RecallTable) -> str:
    """Format the table for people."""
    lines = [
        f"{table.products:,} products, {table.pictures:,} pictures, {table.queries} queries, "
        f"{table.at}"
    ]
    for name, figures in table.figures.items():
        lines += [
            "",
            f"{name:<22}{'filter keeps':>14}{'recall@10':>11}{'at least':>10}"
            f"{'p50 ms':>8}{'p95 ms':>8}",
            *map(_line, figures),
        ]
    return "\n".join(lines)


def _line(figure: RecallFigure) -> str:
    method = "exact"
    if figure.method:
        method = f"{figure.method.num_candidates} candidates"
        if figure.method.oversample is not None:
            method = f"{method}, × {figure.method.oversample:g}"
    return (
        f"{method:<22}{figure.share:>14.1%}{figure.recall:>11.4f}{figure.at_least:>10.4f}"
        f"{figure.p50_ms:>8g}{figure.p95_ms:>8g}"
    )
