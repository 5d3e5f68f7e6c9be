"""What the parts are built with."""

from app.services import candidate_features
from features.registry import Registry
from tests.support.plain_features import Arrow, Pointer, Stamp


def test_candidates_come_from_what_sees_copies_and_not_from_what_words_ask() -> None:
    registry = Registry([Arrow(), Pointer(), Stamp()])
    assert candidate_features({}, registry) == ["arrow", "stamp"]
    assert candidate_features({"stamp": 0.0}, registry) == ["arrow"]
