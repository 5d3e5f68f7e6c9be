"""Which features propose candidates for a duplicate check."""

from features.extraction import candidate_features
from features.registry import Registry
from mappings.search.weights import resolve_weights
from tests.support.plain_features import Arrow, Pointer, Stamp

REGISTRY = Registry([Arrow(), Pointer(), Stamp()])


def test_the_features_that_propose_candidates_find_duplicates() -> None:
    weights = resolve_weights({}, REGISTRY)
    assert candidate_features(weights, REGISTRY) == ["arrow", "stamp"]


def test_a_weight_of_zero_keeps_a_feature_from_proposing() -> None:
    weights = resolve_weights({"stamp": 0.0, "pointer": 1.0}, REGISTRY)
    assert candidate_features(weights, REGISTRY) == ["arrow"]
