"""The answer to a search: its page, and how sure its hits are."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.experiments.assignment import Assignment
from features.base import Json
from features.capabilities import Conclusive, Confident, is_lexical
from features.registry import Registry
from mappings.catalogue.scale import UNCALIBRATED, Scale
from mappings.search.plan import Plan
from mappings.search.query import TEXT
from mappings.search.results import Hit, Results
from mappings.words.reading import Reading


@dataclass(frozen=True)
class SearchAnswer:
    """One page, with everything that callers and the search log need to know about it.

    `scale` says what the scores mean. `no_signal` says that pictures or words were sent and none
    of them could be searched with; `low_confidence` that the best hit is a guess; `is_truncated`
    that no page follows although more products may match, as only a limited number of neighbours
    was requested. `body` is the request that was sent to Elasticsearch. `reading` is what the words
    were understood to mean, `corrections` are words that no product has → those searched for
    instead, and `is_relaxed` says that no product met what they demand beside a photo, so that it
    was left out. `read_text` is the text in the photos that was searched with; `photos` are names
    that the photos are stored under, "" for one that is not. `has_likeness_limit` says that hits
    end where nothing more looks like the picture, `is_looser` that nothing does, so that the
    closest are shown. `photo_hash` is the first photo's value of the feature that
    recognises photos, None where there is none. `assignment` is the variant of an experiment
    that answered.
    """

    query_id: str
    results: Results
    plan: Plan
    took_ms: float
    stages_ms: Mapping[str, float]
    features: tuple[str, ...]
    pictures: int
    scale: Scale = UNCALIBRATED
    page: int = 1
    picture: str | None = None
    photos: tuple[str, ...] = ()
    unlike_picture: str | None = None
    next_cursor: str | None = None
    no_signal: bool = False
    low_confidence: bool = False
    is_truncated: bool = False
    plan_ms: float = 0.0
    body: Json = None
    model: str = ""
    reading: Reading = field(default_factory=Reading)
    corrections: Mapping[str, str] = field(default_factory=dict)
    is_relaxed: bool = False
    read_text: str = ""
    has_likeness_limit: bool = False
    is_looser: bool = False
    photo_hash: Json = None
    assignment: Assignment | None = None


def is_truncated(page: Results, plan: Plan) -> bool:
    """Say whether hits end because only a limited number of neighbours was requested."""
    if plan.approximate is None or page.after is not None or page.skip is not None:
        return False
    return plan.approximate.k <= page.products < plan.estimated_products


def is_confident(hit: Hit, scale: Scale, registry: Registry) -> bool:
    """Say whether a hit is more than a guess.

    It is when a feature proves it, when words match, or when it scores as only few unrelated
    photos do; where that was never measured, the features' own `confident_score` decides.
    """
    features = {name: registry[name] for name in hit.signals if name in registry}
    if TEXT in hit.signals or any(
        isinstance(feature, Conclusive) or is_lexical(feature) for feature in features.values()
    ):
        return True
    if scale.confident_from is not None:
        return hit.score >= scale.confident_from
    return any(
        isinstance(feature, Confident)
        and hit.signals[name].get("score", 0.0) >= feature.confident_score
        for name, feature in features.items()
    )
