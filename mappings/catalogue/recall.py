"""The measured recall and cost of each search method on an index.

A table per vector feature, stored in the index's `_meta` (`RECALL_KEY`) and read by the planner.
`mappings.planning.measurement` fills it. A figure holds at one share of the index: graphs miss
neighbours under filters, most where the filter excludes the region around the query.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from features.base import ApproximateSearch, Json

RECALL_KEY = "recall"
"""Name of the block in `_meta.lookalike`."""

FORMAT = 1
"""Bumped when the block changes meaning; one of another format counts as not measured."""

MAX_GROWTH = 1.5
"""Growth or shrinkage by more than this factor makes a measurement invalid."""

Z_95 = 1.645
"""Standard normal quantile of a one-sided bound at 95 %."""


@dataclass(frozen=True)
class RecallFigure:
    """The result of one search method where a filter kept `share` of the products.

    `method` is None for exact comparison. `recall` is the mean share of the ten nearest that it
    found, `at_least` what it finds at 95 % confidence under the least favourable kind of filter.
    Milliseconds are the engine's own.
    """

    share: float
    method: ApproximateSearch | None
    recall: float
    at_least: float
    p50_ms: float
    p95_ms: float


@dataclass(frozen=True)
class RecallTable:
    """All figures of an index, by feature. `at` is ISO 8601; `queries` were asked per figure."""

    at: str
    products: int
    pictures: int
    queries: int
    figures: Mapping[str, tuple[RecallFigure, ...]] = field(default_factory=dict)

    def is_outgrown(self, pictures: int) -> bool:
        """Say whether an index of so many pictures has become another than the measured one."""
        return not self.pictures / MAX_GROWTH <= pictures <= self.pictures * MAX_GROWTH


def to_meta(table: RecallTable) -> Json:
    """Return the table as `_meta` keeps it: about 60 bytes a figure."""
    return {
        "format": FORMAT,
        "at": table.at,
        "products": table.products,
        "pictures": table.pictures,
        "queries": table.queries,
        "features": {
            name: [_row(figure) for figure in figures] for name, figures in table.figures.items()
        },
    }


def from_meta(meta: Json) -> RecallTable | None:
    """Return the table that an index's `_meta` holds; None for none, or one of another format."""
    kept = (meta or {}).get("lookalike", {}).get(RECALL_KEY, {})
    if kept.get("format") != FORMAT:
        return None
    return RecallTable(
        at=kept["at"],
        products=kept["products"],
        pictures=kept["pictures"],
        queries=kept["queries"],
        figures={
            name: tuple(_figure(row) for row in rows) for name, rows in kept["features"].items()
        },
    )


def lower_bound(recalls: Sequence[float], each: int) -> float:
    """Return what recall is at least, at 95 % confidence; 0 for nothing measured.

    `recalls` has one value a query, of `each` neighbours looked for. Wilson's one-sided score
    interval (1927, https://doi.org/10.1080/01621459.1927.10502953) over all neighbours, whose
    number is divided by the design effect (Kish, Survey Sampling, 1965): neighbours are missed
    together, so a query of ten is less than ten independent trials.
    """
    count = len(recalls)
    if not count:
        return 0.0
    mean = math.fsum(recalls) / count
    variance = math.fsum((one - mean) ** 2 for one in recalls) / max(1, count - 1)
    independent = mean * (1 - mean) / each
    effect = max(1.0, variance / independent) if independent > 0 else 1.0
    trials = count * each / effect
    middle = mean + Z_95**2 / (2 * trials)
    spread = Z_95 * math.sqrt(mean * (1 - mean) / trials + Z_95**2 / (4 * trials**2))
    return max(0.0, (middle - spread) / (1 + Z_95**2 / trials))


def _row(figure: RecallFigure) -> Json:
    way = figure.method
    asked = [way.k, way.num_candidates, way.oversample] if way else None
    return [
        figure.share, asked, figure.recall, figure.at_least, figure.p50_ms, figure.p95_ms,
    ]  # fmt: skip


def _figure(row: Json) -> RecallFigure:
    share, asked, *found = row
    return RecallFigure(share, ApproximateSearch(*asked) if asked else None, *found)
