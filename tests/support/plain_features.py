"""Small features, so that these tests know the contract and no real plug-in."""

from collections.abc import Sequence
from typing import ClassVar

from features.base import ClauseContext, Json, Picture
from features.vector import VectorFeature


class Arrow:
    """A two-dimensional vector that a test chooses itself."""

    name = "arrow"
    version = 1
    default_weight = 1.0
    proposes_candidates = True

    def mapping(self) -> Json:
        return {"type": "dense_vector", "dims": 2, "similarity": "cosine"}

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        return [[1.0, 0.0] for _ in pictures]

    def identity(self) -> dict[str, Json]:
        return {"model": "arrow", "dims": 2}

    def clause(self, value: Json, context: ClauseContext) -> Json:
        if context.approximate:
            return {
                "knn": {
                    "field": context.field,
                    "query_vector": value,
                    "k": context.approximate.k,
                    "num_candidates": context.approximate.num_candidates,
                    "filter": list(context.filters),
                }
            }
        source = f"Math.max(0, (cosineSimilarity(params.v, '{context.field}') + 1.0) / 2)"
        return {
            "script_score": {
                "query": {"exists": {"field": context.field}},
                "script": {"source": source, "params": {"v": value}},
            }
        }

    def evidence(self, score: float, measure: str | None = None) -> dict[str, float]:
        return {"cosine": round(2 * score - 1, 4)}


class GraphArrow(Arrow):
    """An arrow that a graph keeps whole."""

    def mapping(self) -> Json:
        return {**super().mapping(), "index_options": {"type": "hnsw"}}


class MeasuredArrow(Arrow):
    """An arrow that can tell how far another is."""

    measures = ("cosine",)

    def distance(self, a: Json, b: Json, measure: str | None = None) -> float:
        return 1 - sum(float(x) * float(y) for x, y in zip(a, b, strict=True))


class Pointer(VectorFeature):
    """A two-dimensional vector that words point into as well."""

    name = "pointer"
    version = 1
    default_weight = 1.0
    proposes_candidates = False
    is_lexical = False

    def mapping(self) -> Json:
        return {"type": "dense_vector", "dims": 2, "similarity": "cosine"}

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        return [[1.0, 0.0] for _ in pictures]

    def query_from_text(self, text: str) -> Json | None:
        return [0.0, 1.0]


class Stamp:
    """A keyword that people can also filter by and ask for with words."""

    name = "stamp"
    version = 3
    default_weight = 1.0
    proposes_candidates = True
    is_lexical = True
    facet = "names"
    relation: ClassVar[str] = "same_file"

    def mapping(self) -> Json:
        return {"properties": {"names": {"type": "keyword"}}}

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        return [None for _ in pictures]

    def clause(self, value: Json, context: ClauseContext) -> Json:
        return {"constant_score": {"filter": {"term": {f"{context.field}.names": value}}}}

    def query_from_text(self, text: str) -> Json | None:
        return text.split(maxsplit=1)[0]
