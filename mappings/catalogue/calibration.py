"""Calibrates an index's scores: from the signals of a hit to P(relevant), as measured on it.

    log-odds = bias + lift · background + Σ weight · score      over the clauses of one photo

A line over the signals, so that the weighted mean Elasticsearch ranks by is enough: with these
weights the probability rises with the engine's score, and the background, which is the query's
alone (`mappings.catalogue.cohort`), is known before it is asked. So ranking, paging and a lowest
score are the engine's, in the one request. A feature that saw nothing, or did not match, adds
nothing, as when the numbers were fitted. `python -m indexer calibrate` fits them; the index's
`_meta` keeps them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from features.base import Json
from mappings.catalogue.scale import Scale, ScoreKind

CALIBRATION_KEY = "calibration"
"""Name of the block in `_meta.lookalike`."""

FORMAT = 1

SCORE_KINDS: Mapping[str, ScoreKind] = {"photos": "probability", "views": "estimate"}
"""Kind of score by the data it was fitted on: labelled photos as shoppers take them, or the
catalogue's own further pictures of its products, which are easier to find."""


@dataclass(frozen=True)
class Calibration:
    """The numbers of one index, and where they come from.

    `weights` are log-odds per feature, none negative. A photo needs a value of `feature`, which
    the numbers rest on, and is seen against the products `cohort`; `lift` are log-odds per unit of
    that distance. `confident_from` is the probability that 5 % of the fitted queries' best hits
    passed once their own product was left out. `queries` were fitted over an index of `products`
    products at `at` (ISO 8601), as seen with the models that `model` tags
    (`mappings.catalogue.versions`).
    """

    bias: float
    lift: float
    weights: Mapping[str, float]
    feature: str
    cohort: tuple[str, ...]
    confident_from: float
    source: str
    queries: int
    products: int
    at: str
    model: str = ""

    def scale(self, background: float) -> Scale:
        """Return the scale of scores for a photo at this distance from the cohort."""
        bias = self.bias + self.lift * background
        return Scale(
            SCORE_KINDS[self.source], bias, sum(self.weights.values()), self.confident_from
        )


def to_meta(calibration: Calibration) -> Json:
    """Return the block for `_meta`."""
    return {"format": FORMAT, **asdict(calibration), "cohort": list(calibration.cohort)}


def from_meta(meta: Json) -> Calibration | None:
    """Return what an index's `_meta` holds; None for none, or one of another format."""
    block = dict((meta or {}).get("lookalike", {}).get(CALIBRATION_KEY) or {})
    if block.pop("format", None) != FORMAT:
        return None
    return Calibration(**{**block, "cohort": tuple(block["cohort"])})
