"""What an edit of the whole picture explains, and what no edit does."""

import numpy as np
import pytest
from numpy.typing import NDArray

from features.geometry.tint import IDENTITY, TintRule, explain_tint, lengths

Picture = NDArray[np.float32]


def drawn(levels: tuple[float, float, float], folds: float, seed: int = 3) -> Picture:
    """Return a shirt of a colour with folds so deep, 96 × 96, RGB."""
    down, across = np.mgrid[0:96, 0:96].astype(np.float32)
    light = np.sin(across / 7 + np.sin(down / 11)) * folds
    grain = np.random.default_rng(seed).normal(0, 1, (96, 96))
    colour = np.array(levels, np.float32)
    return np.clip(colour + (light + grain)[..., None], 0, 255).astype(np.float32)


def photo() -> Picture:
    """Return many colours, light and dark."""
    blocks = np.random.default_rng(5).uniform(20, 235, (6, 6, 3))
    return np.kron(blocks, np.ones((16, 16, 1))).astype(np.float32)


def left(first: Picture, second: Picture) -> float:
    """Return the mean ΔE that no rule explains."""
    found = explain_tint(first, second, np.ones(first.shape[:2], np.bool_))
    return float(lengths(found.predicted_lab - found.actual_lab).mean())


@pytest.mark.parametrize(
    "edit",
    [
        TintRule(1.0, 0.0, (1.3, 1.3, 1.3)),
        TintRule(1.0, 0.0, (0.7, 0.7, 0.7)),
        TintRule(1.0, 64 / 0.5, (0.5, 0.5, 0.5)),
        TintRule(1.0, -64 / 1.5, (1.5, 1.5, 1.5)),
        TintRule(1.0, 0.0, (1.15, 1.0, 0.85)),
        TintRule(0.0, 0.0, (1.0, 1.0, 1.0)),
        TintRule(1.4, 0.0, (1.0, 1.0, 1.0)),
    ],
    ids=["lighter", "darker", "half the contrast", "more contrast", "warmer", "grey", "vivid"],
)
def test_an_edit_of_the_whole_picture_is_taken_out(edit: TintRule) -> None:
    assert edit.is_an_edit
    before = photo()
    assert left(before, edit.apply(before)) < 2
    assert left(edit.apply(before), before) < 2


def test_a_burnt_out_packshot_is_explained_by_the_thing_not_by_its_ground() -> None:
    before = np.full((96, 96, 3), 255, np.float32)
    before[30:70, 30:70] = photo()[30:70, 30:70] * 0.5 + drawn((60, 110, 180), 20)[30:70, 30:70] / 2
    after = TintRule(1.0, 0.0, (1.3, 1.3, 1.3)).apply(before)
    for one, other in ((before, after), (after, before)):
        found = explain_tint(one, other, np.ones((96, 96), np.bool_))
        off = lengths(found.predicted_lab - found.actual_lab)
        assert off[17:33, 17:33].mean() < 3
        assert off[:12].mean() < 3, "and white stays white"


@pytest.mark.parametrize("levels", [(230, 80, 80), (240, 150, 60), (40, 70, 190)], ids=str)
def test_contrast_that_cuts_a_channel_off_at_black_is_found_as_strong_as_it_was(
    levels: tuple[float, float, float],
) -> None:
    before = np.full((96, 96, 3), 255, np.float32)
    before[20:76, 20:76] = drawn(levels, 25)[20:76, 20:76]
    noise = np.random.default_rng(4).normal(0, 6, before.shape).astype(np.float32)
    after = np.clip(TintRule(1.0, -74.0, (1.5, 1.5, 1.5)).apply(before) + noise, 0, 255)
    found = explain_tint(before, after, np.ones((96, 96), np.bool_))
    assert found.gain == pytest.approx(np.log(1.5), abs=0.05)
    assert found.cast < 0.1
    assert found.saturation == 1


def test_a_white_that_burnt_out_before_the_picture_was_made_warmer_is_explained() -> None:
    before = np.full((96, 96, 3), 255, np.float32)
    before[20:76, 20:76] = photo()[20:76, 20:76] * 0.8
    lighter = np.clip(before * 1.25, 0, 255)
    after = lighter * np.array([1.0, 0.97, 0.85], np.float32)
    for one, other in ((before, after), (after, before)):
        found = explain_tint(one, other, np.ones((96, 96), np.bool_))
        off = lengths(found.predicted_lab - found.actual_lab)
        assert off[:8].mean() < 3, "the ground, which no gain alone takes from white to this"
        assert off[12:36, 12:36].mean() < 3


def test_a_white_shirt_is_no_yellow_one_burnt_out() -> None:
    white, yellow = (np.full((96, 96, 3), (150, 120, 90), np.float32) for _ in range(2))
    white[24:72, 24:72] = drawn((236, 236, 236), 8)[24:72, 24:72]
    yellow[24:72, 24:72] = drawn((236, 226, 120), 8)[24:72, 24:72]
    assert left(white, yellow) > 8
    assert left(yellow, white) > 8


def test_what_was_printed_over_a_part_does_not_bend_the_rule() -> None:
    before = photo()
    after = TintRule(1.0, 0.0, (0.8, 0.8, 0.8)).apply(before)
    after[20:50, 20:60] = (250, 20, 20)
    found = explain_tint(before, after, np.ones((96, 96), np.bool_))
    off = lengths(found.predicted_lab - found.actual_lab)
    assert np.median(off) < 1
    assert off[10:25, 10:30].mean() > 40, "at half the size, where it was printed over"


def test_no_edit_makes_a_white_shirt_black() -> None:
    white, black = drawn((232, 232, 236), 12), drawn((34, 34, 38), 5)
    assert left(white, black) > 40
    assert left(black, white) > 40


def test_no_edit_takes_most_of_the_contrast_and_the_light() -> None:
    assert not TintRule(1.0, -160.0, (0.3, 0.3, 0.3)).is_an_edit
    assert not TintRule(1.0, 60.0, (2.4, 2.4, 2.4)).is_an_edit
    assert not TintRule(1.0, 0.0, (0.35, 0.35, 0.35)).is_an_edit


def test_equal_pictures_need_no_rule() -> None:
    found = explain_tint(photo(), photo(), np.ones((96, 96), np.bool_))
    assert (found.cast, found.gain, found.saturation) == pytest.approx((0, 0, 1), abs=0.01)
    assert (found.hue, found.chroma) == pytest.approx((0, 0), abs=0.01)
    assert IDENTITY.is_an_edit
