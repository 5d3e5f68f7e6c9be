"""Grades of products for queries from clicks: clicks over expected clicks (COEC).

What stands first is clicked more, whatever it is. So a product's clicks for a query are divided by
those that its impressions would have brought at their positions on average: 1 is as expected, 2
twice as good. Zhang and Jones, "Comparing Click Logs and Editorial Labels for Training Query
Rewriting", WWW 2007. OpenSearch's search relevance takes a product's lowest position for all of its
impressions; here each counts at its own, and where a product has one position both are the same.
"""

from collections import defaultdict
from collections.abc import Iterable

from mappings.events.click_counts import ClickCount

MAX_RANK = 20
"""Positions that are read, as OpenSearch's search relevance has it."""

DIGITS = 3
"""Digits after the point of a grade, as there."""

Grades = dict[tuple[str, str], float]
"""Query and product → grade."""


def rates_by_position(counts: Iterable[ClickCount]) -> dict[int, float]:
    """Return the click-through rate of each position, over all queries and products."""
    looks: dict[int, int] = defaultdict(int)
    clicked: dict[int, int] = defaultdict(int)
    for count in counts:
        looks[count.position] += count.impressions
        clicked[count.position] += count.clicks
    return {position: clicked[position] / number for position, number in looks.items() if number}


def grades(counts: Iterable[ClickCount]) -> Grades:
    """Return the grade of every product for every query that it was shown for; 0 is the least.

    It is 0 as well where no click was expected, as nothing was ever clicked at its positions.
    """
    every = list(counts)
    rates = rates_by_position(every)
    expected: dict[tuple[str, str], float] = defaultdict(float)
    clicked: dict[tuple[str, str], int] = defaultdict(int)
    for count in every:
        pair = (count.query, count.product)
        expected[pair] += count.impressions * rates.get(count.position, 0.0)
        clicked[pair] += count.clicks
    return {
        pair: round(clicked[pair] / clicks, DIGITS) if clicks > 0 else 0.0
        for pair, clicks in expected.items()
    }
