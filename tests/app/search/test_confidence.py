"""Which best hits are more than a guess, judged by what each feature says of itself."""

from collections.abc import Mapping

import pytest

from app.search.search_answer import is_confident
from features.registry import Registry
from mappings.catalogue.scale import UNCALIBRATED, Scale
from mappings.search.results import Hit
from tests.support.plain_features import Arrow, Pointer, Stamp


class Sure(Arrow):
    """A vector that knows from which score a match is more than a guess."""

    name = "sure"
    confident_score = 0.8


REGISTRY = Registry([Arrow(), Pointer(), Stamp(), Sure()])
MEASURED = Scale(confident_from=0.5)


def hit(signals: Mapping[str, float], score: float = 0.4) -> Hit:
    return Hit("1", score, {name: {"score": s} for name, s in signals.items()}, None, {})


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        ({"sure": 0.8}, True),
        ({"sure": 0.79}, False),
        ({"arrow": 1.0}, False),  # it states no score
        ({"pointer": 1.0}, False),  # text finds the nearest picture, whatever it is
        ({"stamp": 0.1}, True),  # conclusive
        ({"text": 0.1}, True),
        ({"arrow": 1.0, "sure": 0.9}, True),
        ({}, False),
    ],
)
def test_without_a_calibration_the_features_decide(
    signals: Mapping[str, float], expected: bool
) -> None:
    assert is_confident(hit(signals), UNCALIBRATED, REGISTRY) is expected


@pytest.mark.parametrize(("score", "expected"), [(0.49, False), (0.5, True)])
def test_a_calibration_decides_where_there_is_one(score: float, expected: bool) -> None:
    assert is_confident(hit({"sure": 0.9}, score), MEASURED, REGISTRY) is expected
