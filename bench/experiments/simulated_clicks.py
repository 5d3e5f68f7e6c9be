"""Simulated shoppers whose preferences are known: what they are shown, and what they click.

They are shown hits in the order of the weights in service, look at them from the top with less and
less patience, and click what pleases them, which other weights decide. One click in twenty is an
accident. What pleases is not of the form that is fitted: it is a power of a rank, not a sigmoid.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bench.experiments.weight_fitting import Floats, Impressions, combined_scores

IN_SERVICE: Mapping[str, float] = {
    "embedding": 1.0, "colour": 0.1, "text": 1.0, "read_text": 0.5, "clip": 0.2
}  # fmt: skip
PREFERRED: Mapping[str, float] = {
    "embedding": 1.0, "colour": 0.8, "text": 0.35, "read_text": 0.1, "clip": 0.55
}  # fmt: skip
"""Weights by which the shop ranks, and by which its shoppers would."""

HITS = 20
PATIENCE = 0.85
"""Chance that a shopper who looked at a hit looks at the next one."""

ACCIDENT = 0.05


@dataclass(frozen=True)
class SimulatedClicks:
    """What was shown and clicked, and how much each hit truly pleases, 0 to 1."""

    impressions: Impressions
    pleasure: Floats


def simulate_clicks(sessions: int, seed: int) -> SimulatedClicks:
    """Return the clicks of so many sessions of 20 hits; equal arguments, equal clicks."""
    random = np.random.default_rng(seed)
    clauses = tuple(IN_SERVICE)
    # Hits of one search resemble each other, and clauses agree in part: both as in real searches.
    common = random.beta(2, 2, (sessions, HITS, 1))
    own = random.beta(2, 2, (sessions, HITS, len(clauses)))
    scores = 0.3 * common + 0.7 * own
    scores *= random.random(scores.shape) > 0.1
    flat = scores.reshape(-1, len(clauses))
    ranked = combined_scores(flat, list(IN_SERVICE.values())).reshape(sessions, HITS)
    order = np.argsort(-ranked, axis=1)
    shown = np.take_along_axis(scores, order[:, :, None], axis=1)
    liked = combined_scores(shown.reshape(-1, len(clauses)), list(PREFERRED.values()))
    pleasure = np.clip((liked - liked.min()) / (np.quantile(liked, 0.99) - liked.min()), 0, 1) ** 4
    position = np.tile(np.arange(1, HITS + 1), sessions)
    examined = random.random(len(position)) < PATIENCE ** (position - 1)
    pleases = random.random(len(position)) < (1 - ACCIDENT) * pleasure + ACCIDENT * 0.1
    shown_hits = Impressions(
        clauses,
        shown.reshape(-1, len(clauses)),
        np.repeat(np.arange(sessions), HITS),
        position,
        (examined & pleases).astype(np.float64),
    )
    return SimulatedClicks(shown_hits, pleasure)
