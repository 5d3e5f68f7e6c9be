"""What each feature says in the score of a search that names no weights."""

from collections.abc import Mapping

from core.environment import Environment
from core.errors import InvalidSetting

WEIGHTS: Mapping[str, float] = {
    "embedding": 1.0,
    "pdq": 0.5,
    "checksum": 0.5,
    "phash": 0.25,
    "colour": 0.0,
    "text": 1.0,
    "ocr": 0.5,
}
"""A feature not listed weighs 1."""


def from_env(environment: Environment) -> dict[str, float]:
    """Read LOOKALIKE_WEIGHTS over the defaults; raises InvalidSetting naming the bad pair."""
    weights = dict(WEIGHTS)
    for pair in environment.names("LOOKALIKE_WEIGHTS"):
        name, _, value = pair.partition(":")
        try:
            weights[name] = float(value)
        except ValueError as error:
            raise InvalidSetting(f"LOOKALIKE_WEIGHTS: {pair!r} is not NAME:NUMBER") from error
        if not 0 <= weights[name] <= 1000:
            raise InvalidSetting(f"LOOKALIKE_WEIGHTS: {pair!r} is outside 0 to 1000")
    return weights
