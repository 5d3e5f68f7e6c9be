"""What features share whose value is one unit vector a picture: field, clause and measures.

Where the vector comes from is each feature's own.
"""

import copy
import math
from collections.abc import Sequence
from typing import Self

import numpy as np

from core.errors import UnknownName
from features.base import ClauseContext, Json

INDEX_TYPES = ("bbq_flat", "bbq_hnsw", "hnsw", "int8_hnsw", "int4_hnsw", "flat")
DEFAULT_INDEX_TYPE = "bbq_flat"
"""One-bit codes of rotated vectors, all of them compared, and the best compared again exactly."""

HNSW = {"m": 32, "ef_construction": 400}
"""Twice and four times Elasticsearch's defaults, whose graphs leave pictures unreachable
(docs/decisions/0010). The engine does not let a field change them later.
"""

SHORTEST_CODED = 64
"""Numbers of the shortest vector that the engine keeps codes of; shorter ones are kept whole."""

MEASURES = ("cosine", "dot", "l2")
# The engine answers 0 … 1 for `knn` under cosine as (1 + cos) / 2, and under l2 as 1 / (1 + d²);
# the scripts do the same. A rounded cosine may pass −1, and a negative score is an error.
SCRIPTS = {
    "cosine": "Math.max(0, (1 + cosineSimilarity(params.vector, params.field)) / 2)",
    "dot": "Math.min(1, Math.max(0, (1 + dotProduct(params.vector, params.field)) / 2))",
    "l2": "1 / (1 + Math.pow(l2norm(params.vector, params.field), 2))",
}


class VectorFeature:
    """A feature whose value is one unit vector; pictures that are alike have vectors near in angle.

    Its clause matches the nearest vectors however far they are: a match alone says nothing.
    """

    name: str
    measures = MEASURES

    def __init__(self) -> None:
        self.field = self.name

    def with_field(self, field: str) -> Self:
        moved = copy.copy(self)
        moved.field = field
        return moved

    def average(self, values: Sequence[Json]) -> Json | None:
        """Return the mean of the vectors, at length one; None where they cancel each other."""
        mean = np.mean(np.asarray(values, np.float64), axis=0)
        length = float(np.linalg.norm(mean))
        return (mean / length).tolist() if length > 1e-6 else None

    def clause(self, value: Json, context: ClauseContext) -> Json:
        measure = _known_measure(context.measure)
        if context.approximate is not None and measure == "cosine":
            nearest: Json = {
                "field": context.field,
                "query_vector": value,
                "k": context.approximate.k,
                "num_candidates": context.approximate.num_candidates,
                "filter": list(context.filters),
            }
            if context.approximate.oversample is not None:
                nearest["rescore_vector"] = {"oversample": context.approximate.oversample}
            return {"knn": nearest}
        # The graph is built for cosine: any other measure is compared with every picture.
        return {
            "script_score": {
                "query": {"exists": {"field": context.field}},
                "script": {
                    "source": SCRIPTS[measure],
                    "params": {"vector": value, "field": context.field},
                },
            }
        }

    def distance(self, a: Json, b: Json, measure: str | None = None) -> float:
        """Return 1 − cos (0 to 2), 1 − dot product, or the Euclidean distance (l2)."""
        known = _known_measure(measure)
        left, right = np.asarray(a, np.float64), np.asarray(b, np.float64)
        if left.shape != right.shape:
            raise ValueError("vectors of two models cannot be compared")
        if known == "l2":
            return float(np.linalg.norm(left - right))
        product = float(left @ right)
        if known == "cosine":
            product /= float(np.linalg.norm(left) * np.linalg.norm(right))
        return 1 - product

    def evidence(self, score: float, measure: str | None = None) -> dict[str, float]:
        """Return the cosine or dot product (−1 to 1), or the Euclidean distance (l2)."""
        known = _known_measure(measure)
        if known == "l2":
            return {known: math.sqrt(max(0.0, 1 / score - 1)) if score > 0 else math.inf}
        return {known: 2 * score - 1}


def dense_vector_mapping(dims: int, index_type: str) -> Json:
    """Return the mapping of a vector field; `index_type` is one of INDEX_TYPES."""
    kept = index_type.removeprefix("bbq_") if dims < SHORTEST_CODED else index_type
    options: dict[str, Json] = {"type": kept}
    if kept.endswith("hnsw"):
        options |= HNSW
    return {
        "type": "dense_vector",
        "dims": dims,
        "index": True,
        "similarity": "cosine",
        "index_options": options,
    }


def with_graph(field: Json) -> Json | None:
    """Return the mapping of a field of compared codes, its codes in a graph; None for any other."""
    if field.get("index_options", {}).get("type") != "bbq_flat":
        return None
    return {**field, "index_options": {"type": "bbq_hnsw", **HNSW}}


def _known_measure(measure: str | None) -> str:
    if measure is not None and measure not in MEASURES:
        raise UnknownName("measure", measure, MEASURES)
    return measure or MEASURES[0]
