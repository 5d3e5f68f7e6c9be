"""The SHA-256 of the stored file: certain, and lost with the smallest edit."""

from collections.abc import Sequence

from core.environment import Environment
from features.base import ClauseContext, Json, Picture


class Checksum:
    """The first rung of the evidence ladder: the same file, byte for byte."""

    name = "checksum"
    relation = "same_file"
    version = 1
    default_weight = 0.5
    proposes_candidates = True

    def mapping(self) -> Json:
        """Return a keyword: 64 lower-case hex digits."""
        return {"type": "keyword"}

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return each picture's digest; None for a crop, which has no file of its own."""
        return [picture.sha256 for picture in pictures]

    def clause(self, value: Json, context: ClauseContext) -> Json:
        """Return a term query that scores 1.0 for the same file and matches nothing else."""
        return {"constant_score": {"filter": {"term": {context.field: value}}, "boost": 1.0}}


def create(environment: Environment) -> Checksum:
    """Build the feature; it has no settings."""
    return Checksum()
