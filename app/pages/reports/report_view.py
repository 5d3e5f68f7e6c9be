"""A report as its page shows it: figures in the reader's language, and a chart for each."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal, format_percent

from app.experiments.metrics import IS_RATE, RATIOS
from app.experiments.plan import ExperimentPlan, RatioPlan
from app.experiments.report import BETTER, NOT_ENOUGH, WORSE, ExperimentReport, VariantComparison
from app.experiments.statistics.comparison import Interval
from app.pages.language import Language
from app.pages.reports.interval_chart import IntervalChart, interval_charts


@dataclass(frozen=True)
class ComparisonRow:
    """One line of a table; texts are "" where there is no figure.

    `interval` is the one that counts.
    """

    name: str
    control: str
    value: str
    clients: str
    change: str
    interval: str
    p: str
    verdict: str
    reduction: str
    chart: IntervalChart | None


@dataclass(frozen=True)
class CategoryTable:
    """The categories of one ratio and variant; `counts` is how many there are by verdict.

    `higher` is how many had a higher value than the control, sure or not.
    """

    ratio: str
    variant: str
    rows: Sequence[ComparisonRow]
    higher: int
    better: int
    worse: int
    not_enough: int


@dataclass(frozen=True)
class PlanRow:
    """What is found in a ratio, of a variant."""

    ratio: str
    variant: str
    value: str
    effect: str


def overview_rows(report: ExperimentReport, language: Language) -> list[ComparisonRow]:
    """Return a row for each ratio and variant, over all categories."""
    return _rows(report.comparisons, report, language, by_category=False)


def category_tables(report: ExperimentReport, language: Language) -> list[CategoryTable]:
    """Return a table for each ratio and variant; none where no event names a category."""
    tables = []
    for ratio in RATIOS:
        for variant in report.experiment.variants[1:]:
            chosen = report.category_comparisons(ratio.name, variant.id)
            if not chosen:
                continue
            verdicts = [comparison.verdict for comparison in chosen]
            tables.append(
                CategoryTable(
                    ratio.name,
                    variant.id,
                    _rows(chosen, report, language, by_category=True),
                    sum(item.variant.value > item.control.value for item in chosen),
                    verdicts.count(BETTER),
                    verdicts.count(WORSE),
                    verdicts.count(NOT_ENOUGH),
                )
            )
    return tables


def plan_rows(plan: ExperimentPlan, language: Language) -> list[PlanRow]:
    """Return a row for each ratio and variant of a plan."""
    return [_plan_row(item, plan.currency, language) for item in plan.ratios]


def percent_change(change: float, language: Language) -> str:
    """Return a change with its sign: +49.0%; "−∞" for one without an end."""
    if not math.isfinite(change):
        return "+∞" if change > 0 else "−∞"
    return format_percent(change, format="+#,##0.0%;−#,##0.0%", locale=language.code)


def _rows(
    comparisons: Sequence[VariantComparison],
    report: ExperimentReport,
    language: Language,
    *,
    by_category: bool,
) -> list[ComparisonRow]:
    charts = interval_charts(comparisons)
    return [
        _row(
            comparison,
            chart,
            report.traffic.currency,
            language,
            by_category=by_category,
            is_final=report.is_final,
        )
        for comparison, chart in zip(comparisons, charts, strict=True)
    ]


def _row(
    comparison: VariantComparison,
    chart: IntervalChart | None,
    currency: str,
    language: Language,
    *,
    by_category: bool,
    is_final: bool,
) -> ComparisonRow:
    name = (
        comparison.category
        if by_category
        else f"{language.text(f'reports.{comparison.ratio}')} · {comparison.variant.variant}"
    )
    p = comparison.adjusted_p if by_category else comparison.p
    return ComparisonRow(
        name=name,
        control=value_text(comparison.ratio, comparison.control.value, currency, language),
        value=value_text(comparison.ratio, comparison.variant.value, currency, language),
        clients=language.number(comparison.variant.clients),
        change="" if comparison.change is None else percent_change(comparison.change, language),
        interval=_interval_text(comparison.decisive_interval(is_final=is_final), language),
        p="" if p is None else _p_text(p, language),
        verdict=comparison.verdict,
        reduction=format_percent(comparison.variance_reduction, locale=language.code)
        if comparison.variance_reduction >= 0.005
        else "",
        chart=chart,
    )


def _plan_row(item: RatioPlan, currency: str, language: Language) -> PlanRow:
    effect = "" if item.effect is None else f"±{_percent(item.effect, language)}"
    value = value_text(item.ratio, item.value, currency, language)
    return PlanRow(item.ratio, item.variant, value, effect)


def value_text(ratio: str, value: float, currency: str, language: Language) -> str:
    """Return a ratio's value: 0.51% of a rate, €1.20 of an amount."""
    if ratio in IS_RATE:
        return format_percent(value, format="#,##0.00%", locale=language.code)
    return language.price(round(value, 4 if value < 1 else 2), currency or None)


def _percent(share: float, language: Language) -> str:
    return str(format_percent(share, format="#,##0.0%", locale=language.code))


def _interval_text(interval: Interval | None, language: Language) -> str:
    if interval is None:
        return ""
    return " … ".join(percent_change(end, language) for end in (interval.low, interval.high))


def _p_text(p: float, language: Language) -> str:
    if p < 0.001:
        return f"< {format_decimal(0.001, format='0.000', locale=language.code)}"
    return str(format_decimal(p, format="0.000", locale=language.code))
