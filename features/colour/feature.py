"""The colours of the object in a picture: names to filter by, and two vectors to compare."""

from collections.abc import Sequence

import cv2
import numpy as np

from core.environment import Environment
from core.errors import UnknownName
from features.base import ClauseContext, Json, Picture
from features.colour import cells, histogram, names
from features.colour.coherence import BUCKETS, coherence_vector
from features.colour.foreground import foreground_mask
from features.colour.ground import goods_mask
from features.colour.measures import MEASURES, ColourMeasure

COUNTED_SIDE = 128
"""Longest side, in pixels, at which colours are counted: 16,384 of them give shares to a
thousandth, and averaging down takes the noise of JPEG and cloth out of them first."""


class Colour:
    """Colour names (for facets), an HSV histogram and a colour coherence vector."""

    name = "colour"
    facet = "names"
    version = 2
    default_weight = 0.0
    proposes_candidates = False  # things of one colour are no copies of each other
    measures = tuple(MEASURES)

    def __init__(self) -> None:
        self._names = names.name_table()
        self._bins = histogram.bin_table()

    def mapping(self) -> Json:
        """Return the object of names and two vectors, compared exactly only."""
        return {
            "properties": {
                "names": {"type": "keyword"},
                "histogram": {
                    "type": "dense_vector",
                    "dims": histogram.BINS,
                    "index": False,
                },
                "coherence": {"type": "dense_vector", "dims": 2 * BUCKETS, "index": False},
            }
        }

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return `{"names": 1 to 3 words, "histogram": [...], "coherence": [...]}` a picture.

        Never None: a blank picture has a colour too. A white background does not count, and
        for the names no other ground does.
        """
        return [self._colours(picture) for picture in pictures]

    def _colours(self, picture: Picture) -> Json:
        pixels = np.asarray(picture.pixels)
        shrink = COUNTED_SIDE / max(pixels.shape[:2])
        if shrink < 1:
            size = [max(1, round(side * shrink)) for side in picture.pixels.size]
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        mask = foreground_mask(pixels)
        numbers = cells.cell_numbers(pixels)
        shares = cells.cell_shares(numbers[mask])
        # Names are the goods' own. Comparing keeps to the white background, which a crop leaves.
        goods = cells.cell_shares(numbers[goods_mask(pixels)])
        return {
            "names": names.dominant_names(goods, self._names),
            "histogram": histogram.root_shares(shares, self._bins),
            "coherence": coherence_vector(pixels, mask),
        }

    def clause(self, value: Json, context: ClauseContext) -> Json:
        """Return the query that scores every picture by the similarity of `context.measure`.

        Raises UnknownName for an unknown measure.
        """
        measure = _measure(context.measure)
        field = f"{context.field}.{measure.part}"
        return {
            "script_score": {
                "query": {"bool": {"filter": [{"exists": {"field": field}}]}},
                "script": {
                    "source": measure.script.replace("FIELD", field),
                    "params": {"query": value[measure.part]},
                },
            }
        }

    def similarity(self, a: Json, b: Json, measure: str | None = None) -> float:
        """Return the number the clause scores, 0 to 1, for two stored values."""
        chosen = _measure(measure)
        similarity = chosen.compare(np.array(a[chosen.part]), np.array(b[chosen.part]))
        return min(1.0, max(0.0, similarity))

    def distance(self, a: Json, b: Json, measure: str | None = None) -> float:
        """Return the distance of two values, in the unit that `features.colour.measures` gives."""
        return _measure(measure).distance(self.similarity(a, b, measure))

    def evidence(self, score: float, measure: str | None = None) -> dict[str, float]:
        """Return the distance in the measure's own unit."""
        return {"distance": _measure(measure).distance(min(1.0, score))}


def _measure(name: str | None) -> ColourMeasure:
    chosen = name or next(iter(MEASURES))
    if chosen not in MEASURES:
        raise UnknownName("measure", chosen, MEASURES)
    return MEASURES[chosen]


def create(environment: Environment) -> Colour:
    """Build the feature; it has no settings."""
    return Colour()
