"""What an experiment says: every ratio by variant and by category, and how sure it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.experiments.experiment import Experiment
from app.experiments.metrics import RATIOS
from app.experiments.statistics.always_valid import always_valid_interval, always_valid_p
from app.experiments.statistics.comparison import (
    Interval,
    fixed_interval,
    fixed_p,
    relative_change,
    subtract,
)
from app.experiments.statistics.cuped import Adjustment, adjust
from app.experiments.statistics.holm import holm
from app.experiments.statistics.moments import Moments
from app.experiments.statistics.ratio import Ratio, estimate_ratio
from app.experiments.statistics.sample_ratio import is_mismatch, sample_ratio_p
from app.experiments.traffic import NAMES, ExperimentTraffic

LEAST_CLIENTS = 100
LEAST_EVENTS = 10
"""Clients, and clicks or purchases, that each variant needs before a difference is given: below,
the normal distribution that the intervals come from does not hold."""

LEVEL = 0.05
MIXED_ALARM = 0.01
"""Share of clients in several variants from which on it is an alarm: GrowthBook's number."""

BETTER, WORSE, OPEN, NOT_ENOUGH = "better", "worse", "open", "not_enough"


@dataclass(frozen=True)
class VariantValue:
    """A variant's own value of a ratio, and the sums that it is made of."""

    variant: str
    clients: int
    numerator: float
    denominator: float
    value: float


@dataclass(frozen=True)
class VariantComparison:
    """A variant against the control, in one ratio and one category, "" for all.

    `change` is a share of the control's value, None where that is 0. `interval` is for one look at
    the planned end and `always_valid` for any number of looks; both are of the change. `p` is the
    one that counts: the always-valid one while the experiment runs, that of the fixed end after;
    `adjusted_p` is Holm's over all categories. `verdict` is BETTER, WORSE, OPEN or NOT_ENOUGH.
    """

    ratio: str
    category: str
    control: VariantValue
    variant: VariantValue
    change: float | None = None
    interval: Interval | None = None
    always_valid: Interval | None = None
    p: float | None = None
    adjusted_p: float | None = None
    variance_reduction: float = 0.0
    verdict: str = NOT_ENOUGH

    def decisive_interval(self, *, is_final: bool) -> Interval | None:
        """Return the interval that counts: while the experiment runs, the always-valid one."""
        return self.interval if is_final else self.always_valid


@dataclass(frozen=True)
class ExperimentReport:
    """A whole report. `sample_ratio_p` is None while a variant should have fewer than 8 clients."""

    experiment: Experiment
    at: datetime
    is_final: bool
    traffic: ExperimentTraffic
    clients: Mapping[str, int]
    sample_ratio_p: float | None
    comparisons: tuple[VariantComparison, ...]
    categories: tuple[VariantComparison, ...]

    @property
    def has_mismatch(self) -> bool:
        """Say whether clients came into the variants otherwise than they should have."""
        return is_mismatch(self.sample_ratio_p)

    @property
    def has_mixed_clients(self) -> bool:
        """Say whether too many clients were in several variants."""
        clients = sum(self.clients.values()) + self.traffic.mixed_clients
        return clients > 0 and self.traffic.mixed_clients / clients > MIXED_ALARM

    def category_comparisons(self, ratio: str, variant: str) -> tuple[VariantComparison, ...]:
        """Return a variant's comparisons of one ratio by category, the largest change first."""
        chosen = [c for c in self.categories if (c.ratio, c.variant.variant) == (ratio, variant)]
        return tuple(sorted(chosen, key=_by_change))


def build_report(
    experiment: Experiment, traffic: ExperimentTraffic, now: datetime
) -> ExperimentReport:
    """Return the report of what was done up to now."""
    is_final = now >= experiment.end
    sums = _of_variants(experiment, traffic.variants)
    clients = [moments.clients for moments in sums]
    comparisons = [
        comparison
        for ratio in RATIOS
        for comparison in _compare(experiment, ratio, "", sums, is_final=is_final)
    ]
    by_category = [
        comparison
        for category, variants in sorted(traffic.categories.items())
        for ratio in RATIOS
        for comparison in _compare(
            experiment, ratio, category, _of_variants(experiment, variants), is_final=is_final
        )
    ]
    return ExperimentReport(
        experiment=experiment,
        at=now,
        is_final=is_final,
        traffic=traffic,
        clients={v.id: n for v, n in zip(experiment.variants, clients, strict=True)},
        sample_ratio_p=sample_ratio_p(clients, experiment.weights()),
        comparisons=tuple(comparisons),
        categories=tuple(_with_holm(by_category)),
    )


def _of_variants(experiment: Experiment, sums: Mapping[str, Moments]) -> list[Moments]:
    return [sums.get(variant.id, Moments.empty(NAMES)) for variant in experiment.variants]


def _compare(
    experiment: Experiment,
    ratio: Ratio,
    category: str,
    sums: Sequence[Moments],
    *,
    is_final: bool,
) -> Iterator[VariantComparison]:
    """Yield each variant's comparison with the control."""
    values = [
        _value(variant.id, moments, ratio)
        for variant, moments in zip(experiment.variants, sums, strict=True)
    ]
    for value, moments in zip(values[1:], sums[1:], strict=True):
        plain = VariantComparison(ratio.name, category, values[0], value)
        if not all(_is_enough(side, ratio) for side in (sums[0], moments)):
            yield plain
            continue
        adjustment = adjust((sums[0], moments), ratio)
        clients = sums[0].clients + moments.clients
        yield _judge(plain, adjustment, clients, is_final=is_final)


def _judge(
    comparison: VariantComparison, adjustment: Adjustment, clients: int, *, is_final: bool
) -> VariantComparison:
    control, variant = adjustment.estimates
    difference, change = subtract(variant, control), relative_change(variant, control)
    p = fixed_p(difference) if is_final else always_valid_p(difference, clients)
    return replace(
        comparison,
        change=change.value if change else None,
        interval=fixed_interval(change) if change else None,
        always_valid=always_valid_interval(change, clients) if change else None,
        p=p,
        variance_reduction=adjustment.variance_reduction,
        verdict=_verdict(difference.value, p),
    )


def _with_holm(comparisons: Sequence[VariantComparison]) -> Iterator[VariantComparison]:
    """Yield the comparisons by category with Holm's p-values, a family per ratio and variant."""
    families: dict[tuple[str, str], list[VariantComparison]] = {}
    for comparison in comparisons:
        key = (comparison.ratio, comparison.variant.variant)
        families.setdefault(key, []).append(comparison)
    for family in families.values():
        tested = [comparison.p for comparison in family if comparison.p is not None]
        adjusted = iter(holm(tested))
        for comparison in family:
            if comparison.p is None:
                yield comparison
                continue
            p, change = next(adjusted), comparison.change
            # Of a control of 0 there is no share to change by.
            rise = comparison.variant.value if change is None else change
            yield replace(comparison, adjusted_p=p, verdict=_verdict(rise, p))


def _verdict(rise: float, p: float) -> str:
    """Return the verdict on a value that rose, or below 0 fell, by so much."""
    if p >= LEVEL:
        return OPEN
    return BETTER if rise > 0 else WORSE


def _value(variant: str, moments: Moments, ratio: Ratio) -> VariantValue:
    return VariantValue(
        variant,
        moments.clients,
        moments.total(ratio.numerator),
        moments.total(ratio.denominator),
        estimate_ratio(moments, ratio).value,
    )


def _is_enough(moments: Moments, ratio: Ratio) -> bool:
    """Say whether a variant has enough clients and events for a difference to be given.

    Of revenue the purchases are counted: an amount of money says nothing of how many paid it.
    """
    counted = "purchases" if ratio.numerator == "revenue" else ratio.numerator
    return moments.clients >= LEAST_CLIENTS and moments.total(counted) >= LEAST_EVENTS


def _by_change(comparison: VariantComparison) -> tuple[bool, float]:
    return (comparison.change is None, -(comparison.change or 0.0))
