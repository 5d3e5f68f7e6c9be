"""Measures what the index finds and costs, shows how far it is, and keeps it for the planner."""

import time
from collections.abc import Iterable

import click

from features.base import Feature
from features.registry import Registry
from mappings.catalogue import versions
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.recall import RecallFigure, RecallTable
from mappings.engine.connection import EngineSettings, connect
from mappings.planning import measurement

MIN_PICTURES = 10_000
"""Below, comparing with every picture takes a few milliseconds: there is nothing to choose."""

LOAD_BUDGET_S = 120.0
"""What a load gives to measuring at its end."""

LINE_EVERY_S = 5.0


def measure(
    catalogue: Catalogue, registry: Registry, *, queries: int, seconds: float
) -> RecallTable:
    """Measure the index, keep the result in it, and return it. Says on standard error how it goes.

    The running application sees it within LOOKALIKE_CENSUS_S.
    """
    table = measurement.measure(
        catalogue, registry, queries=queries, seconds=seconds, tell=_Progress()
    )
    catalogue.store_recall_table(table)
    return table


def measure_if_outgrown(catalogue: Catalogue, registry: Registry) -> None:
    """Measure an index that has become another than the one measured, if it is large enough."""
    pictures = catalogue.summary()["pictures"]
    table = catalogue.recall_table()
    if pictures < MIN_PICTURES or (table and not table.is_outgrown(pictures)):
        return
    click.echo("merging what the load left, and measuring; --no-measure leaves this out", err=True)
    catalogue.merge()
    found = measure(catalogue, registry, queries=measurement.QUERIES, seconds=LOAD_BUDGET_S)
    click.echo(format_table(found), err=True)


def measure_standby(
    settings: EngineSettings, ours: Registry, spare: Iterable[Feature], feature: Feature
) -> None:
    """Measure the index as it will answer once a version beside is in service, if it is large.

    Nobody knows what its graph finds before, and every search would be exact after the switch.
    `ours` and `spare` are all features that can be had here; `feature` gives the version, and
    lies in its field.
    """
    meta = Catalogue(connect(settings), ours, settings.index).meta()
    coming = versions.features_in_service(ours, spare, meta).with_feature(feature)
    measure_if_outgrown(Catalogue(connect(settings), coming, settings.index), coming)


class _Progress:
    """Says every few seconds how many questions are done."""

    def __init__(self) -> None:
        self._began = self._said = time.monotonic()

    def __call__(self, done: int, every: int) -> None:
        now = time.monotonic()
        if now - self._said < LINE_EVERY_S and done < every:
            return
        self._said = now
        left = (every - done) * (now - self._began) / done
        click.echo(f"asked {done} of {every} questions, about {left:.0f} s left", err=True)


def format_table(table: RecallTable) -> str:
    """Return the table as people read it."""
    lines = [
        f"{table.products:,} products, {table.pictures:,} pictures, {table.queries} questions, "
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
    way = "exact"
    if figure.method:
        way = f"{figure.method.num_candidates} candidates"
        if figure.method.oversample is not None:
            way = f"{way}, × {figure.method.oversample:g}"
    return (
        f"{way:<22}{figure.share:>14.1%}{figure.recall:>11.4f}{figure.at_least:>10.4f}"
        f"{figure.p50_ms:>8g}{figure.p95_ms:>8g}"
    )
