"""A report as CSV: a line for each ratio, category and variant, in plain numbers."""

import math
from collections.abc import Iterator

from app.experiments.report import ExperimentReport, VariantComparison
from app.experiments.statistics.comparison import Interval
from core.csv_line import csv_line

COLUMNS = (
    "experiment",
    "ratio",
    "category",
    "variant",
    "clients",
    "numerator",
    "denominator",
    "value",
    "control",
    "change",
    "change_low",
    "change_high",
    "always_valid_low",
    "always_valid_high",
    "p",
    "adjusted_p",
    "variance_reduction",
    "verdict",
)


def report_csv(report: ExperimentReport) -> Iterator[str]:
    """Yield the lines; a cell is empty where there is no figure. Changes are shares, .1 is 10 %."""
    yield csv_line(COLUMNS)
    for comparison in (*report.comparisons, *report.categories):
        yield csv_line(_cells(report.experiment.id, comparison))


def _cells(experiment: str, comparison: VariantComparison) -> tuple[str, ...]:
    variant = comparison.variant
    return (
        experiment,
        comparison.ratio,
        comparison.category,
        variant.variant,
        str(variant.clients),
        f"{variant.numerator:.10g}",
        f"{variant.denominator:.10g}",
        f"{variant.value:.6g}",
        f"{comparison.control.value:.6g}",
        _number(comparison.change),
        *_ends(comparison.interval),
        *_ends(comparison.always_valid),
        _number(comparison.p),
        _number(comparison.adjusted_p),
        f"{comparison.variance_reduction:.4g}",
        comparison.verdict,
    )


def _ends(interval: Interval | None) -> tuple[str, str]:
    return (_number(interval.low), _number(interval.high)) if interval else ("", "")


def _number(value: float | None) -> str:
    return f"{value:.6g}" if value is not None and math.isfinite(value) else ""
