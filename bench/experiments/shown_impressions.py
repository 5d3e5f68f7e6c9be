"""What shoppers were shown and clicked, as read from Elasticsearch, in arrays to fit weights to."""

from collections.abc import Collection, Sequence

import numpy as np

from bench.errors import TooFewClicks
from bench.experiments.weight_fitting import Impressions
from mappings.events.shown_hits import ShownPage

MAX_POSITION = 40
"""Later positions are hardly looked at, and would each be a number to fit."""


def impressions_of(pages: Sequence[ShownPage], clicks: Collection[tuple[str, str]]) -> Impressions:
    """Return the impressions of the searches in which something was clicked.

    A search without a click says nothing of which hit is better. A clause that did not match a hit
    scores 0. Raises TooFewClicks where there is none.
    """
    used = [page for page in pages if _has_click(page, clicks)]
    if not used:
        raise TooFewClicks("no search with recorded scores was clicked yet")
    clauses = tuple(sorted({name for page in used for hit in page.hits for name in hit.scores}))
    rows = [
        (number, hit, (page.query_id, hit.product) in clicks)
        for number, page in enumerate(used)
        for hit in page.hits
        if hit.position <= MAX_POSITION
    ]
    return Impressions(
        clauses,
        np.array([[hit.scores.get(name, 0.0) for name in clauses] for _, hit, _ in rows]),
        np.array([number for number, _, _ in rows]),
        np.array([hit.position for _, hit, _ in rows]),
        np.array([is_clicked for _, _, is_clicked in rows], dtype=np.float64),
    )


def _has_click(page: ShownPage, clicks: Collection[tuple[str, str]]) -> bool:
    return any(
        (page.query_id, hit.product) in clicks for hit in page.hits if hit.position <= MAX_POSITION
    )
