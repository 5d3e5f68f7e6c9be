"""Small features, so that these tests know the contract and no real plug-in."""

from collections.abc import Sequence
from typing import ClassVar

from features.base import ClauseContext, Json, Picture
from features.vector import VectorFeature


class Arrow:
    """A two-dimensional vector that a test chooses itself."""

    name = "arrow"
    version = 1

    def mapping(self) -> Json:
        return {"type": "dense_vector", "dims": 2, "similarity": "cosine"}

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        return [[1.0, 0.0] for _ in pictures]

    def identity(self) -> dict[str, Json]:
        return {"model": "arrow", "dims": 2}

    def clause(self, value: Json, ask: ClauseContext) -> Json:
        if ask.approximate:
            return {
                "knn": {
                    "field": ask.field,
                    "query_vector": value,
                    "k": ask.approximate.k,
                    "num_candidates": ask.approximate.num_candidates,
                    "filter": list(ask.filters),
                }
            }
        source = f"Math.max(0, (cosineSimilarity(params.v, '{ask.field}') + 1.0) / 2)"
        return {
            "script_score": {
                "query": {"exists": {"field": ask.field}},
                "script": {"source": source, "params": {"v": value}},
            }
        }

    def evidence(self, score: float, measure: str | None = None) -> dict[str, float]:
        return {"cosine": round(2 * score - 1, 4)}


class Pointer(VectorFeature):
    """A two-dimensional vector that words point into as well."""

    name = "pointer"
    version = 1

    def mapping(self) -> Json:
        return {"type": "dense_vector", "dims": 2, "similarity": "cosine"}

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        return [[1.0, 0.0] for _ in pictures]

    def from_words(self, words: str) -> Json | None:
        return [0.0, 1.0]


class Stamp:
    """A keyword that people can also filter by and ask for with words."""

    name = "stamp"
    version = 3
    facet = "names"
    proves: ClassVar[str] = "same_file"

    def mapping(self) -> Json:
        return {"properties": {"names": {"type": "keyword"}}}

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        return [None for _ in pictures]

    def clause(self, value: Json, ask: ClauseContext) -> Json:
        return {"constant_score": {"filter": {"term": {f"{ask.field}.names": value}}}}

    def from_words(self, words: str) -> Json | None:
        return words.split(maxsplit=1)[0]
