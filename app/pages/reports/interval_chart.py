"""Where the marks of a small chart of intervals lie, in units of its drawing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from app.experiments.report import VariantComparison
from app.experiments.statistics.comparison import Interval

WIDTH, HEIGHT = 240.0, 24.0
MARGIN = 6.0
WIDEST = 1.0
"""Largest change drawn, as a share: what goes beyond is cut off at the edge."""


@dataclass(frozen=True)
class Span:
    """A line from `left` to `right`."""

    left: float
    right: float

    @property
    def width(self) -> float:
        """The length of the line."""
        return round(self.right - self.left, 1)


@dataclass(frozen=True)
class IntervalChart:
    """A change as a point, its interval as a thick line, its always-valid one as a thin line."""

    zero: float
    point: float
    interval: Span
    always_valid: Span
    width: float = WIDTH
    height: float = HEIGHT


def interval_charts(comparisons: Sequence[VariantComparison]) -> list[IntervalChart | None]:
    """Return a chart for each comparison, all on one scale; None for one without a change."""
    intervals = [interval for item in comparisons for interval in _intervals(item)]
    ends = [abs(end) for interval in intervals for end in (interval.low, interval.high)]
    reach = min(WIDEST, max((end for end in ends if math.isfinite(end)), default=WIDEST)) or WIDEST
    return [_chart(comparison, reach) for comparison in comparisons]


def _intervals(comparison: VariantComparison) -> list[Interval]:
    pair = (comparison.interval, comparison.always_valid)
    return [interval for interval in pair if interval is not None]


def _chart(comparison: VariantComparison, reach: float) -> IntervalChart | None:
    change, interval, always = comparison.change, comparison.interval, comparison.always_valid
    if change is None or interval is None or always is None:
        return None
    return IntervalChart(
        _place(0.0, reach), _place(change, reach), _span(interval, reach), _span(always, reach)
    )


def _span(interval: Interval, reach: float) -> Span:
    return Span(_place(interval.low, reach), _place(interval.high, reach))


def _place(change: float, reach: float) -> float:
    share = (min(reach, max(-reach, change)) + reach) / (2 * reach)
    return round(MARGIN + share * (WIDTH - 2 * MARGIN), 1)
