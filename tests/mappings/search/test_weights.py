"""Weights come from the features themselves, and from the settings over them."""

import pytest

from core.environment import Environment
from core.errors import InvalidSetting
from features.registry import Registry
from mappings.search.query import TEXT
from mappings.search.shown_text import READ_TEXT, READ_TEXT_WEIGHT
from mappings.search.weights import from_env, resolve_weights
from tests.support.plain_features import Arrow, Stamp


class Faint(Arrow):
    """A feature that says of itself that it counts for little."""

    name = "faint"
    default_weight = 0.125


REGISTRY = Registry([Faint(), Stamp()])


def test_every_feature_weighs_what_it_states_and_the_products_text_1() -> None:
    assert resolve_weights({}, REGISTRY) == {
        TEXT: 1.0,
        READ_TEXT: READ_TEXT_WEIGHT,
        "faint": 0.125,
        "stamp": 1.0,
    }


def test_settings_come_before_what_a_feature_states() -> None:
    settings = from_env(Environment({"LOOKALIKE_WEIGHTS": "faint:0,text:2"}))
    assert resolve_weights(settings, REGISTRY) == {
        TEXT: 2.0,
        READ_TEXT: READ_TEXT_WEIGHT,
        "faint": 0.0,
        "stamp": 1.0,
    }


@pytest.mark.parametrize("text", ["faint", "faint:much", "faint:-1", "faint:1001", "faint:nan"])
def test_a_pair_that_is_no_weight_is_named(text: str) -> None:
    with pytest.raises(InvalidSetting, match=text):
        from_env(Environment({"LOOKALIKE_WEIGHTS": text}))
