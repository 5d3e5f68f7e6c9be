"""A hit's badge follows the strongest proof, never the score."""

from collections.abc import Mapping

import pytest

from app.contract.presentation import badge
from features.registry import Registry
from tests.support.plain_features import Arrow, Pointer, Stamp

REGISTRY = Registry([Arrow(), Pointer(), Stamp()])


@pytest.mark.parametrize(
    ("signals", "expected"),
    [
        ({"stamp": {"score": 1.0}, "text": {"score": 0.4}}, "same_file"),
        ({"arrow": {"score": 0.9}, "text": {"score": 0.4}}, "looks_alike"),
        ({"text": {"score": 0.4}}, "text"),
        ({"pointer": {"score": 0.9}}, "looks_alike"),
        ({"pointer": {"score": 0.9}, "text": {"score": 0.4}}, "text"),
        ({"arrow": {"score": 0.9}, "pointer": {"score": 0.9}, "text": {"score": 1}}, "looks_alike"),
        ({}, None),
    ],
)
def test_badge_is_the_strongest_reason(
    signals: Mapping[str, Mapping[str, float]], expected: str | None
) -> None:
    assert badge(signals, REGISTRY) == expected
