"""How much each feature counts in the score of a search that names no weights."""

from collections.abc import Mapping

from core.environment import Environment
from core.errors import InvalidSetting
from core.setting import Setting
from features.registry import Registry
from mappings.search.query import TEXT
from mappings.search.shown_text import READ_TEXT, READ_TEXT_WEIGHT

SETTINGS = (
    Setting(
        "LOOKALIKE_WEIGHTS",
        "each feature's own",
        "relative weights in the score, such as `embedding:1,text:0.5`; 0 leaves a "
        "feature out; calibration replaces those of a photo's features",
    ),
)


TEXT_WEIGHT = 1.0
"""Of the words found in a product's own fields."""

WORDS_BESIDE_PICTURES = 0.35
"""What multiplies the weight of words beside a picture. *Measured* with 563 photos of groceries and
a word of the title beside each: the best of ten weights on both halves of the questions. Top-1 is
.620 and top-5 .959; at 1 they are .597 and .936 (docs/benchmarks/words.md)."""

MAX_WEIGHT = 1000.0


def from_env(environment: Environment) -> dict[str, float]:
    """Read what LOOKALIKE_WEIGHTS sets; raises InvalidSetting naming the bad pair."""
    weights: dict[str, float] = {}
    for pair in environment.names("LOOKALIKE_WEIGHTS"):
        name, _, value = pair.partition(":")
        try:
            weights[name] = float(value)
        except ValueError as error:
            raise InvalidSetting(f"LOOKALIKE_WEIGHTS: {pair!r} is not NAME:NUMBER") from error
        if not 0 <= weights[name] <= MAX_WEIGHT:
            raise InvalidSetting(f"LOOKALIKE_WEIGHTS: {pair!r} is outside 0 to {MAX_WEIGHT:g}")
    return weights


def resolve_weights(settings: Mapping[str, float], registry: Registry) -> dict[str, float]:
    """Return the weight of every feature, of TEXT and READ_TEXT: the settings' own, or default."""
    defaults = {name: feature.default_weight for name, feature in registry.items()}
    return {TEXT: TEXT_WEIGHT, READ_TEXT: READ_TEXT_WEIGHT, **defaults, **settings}
