"""Pairs of hard kinds: the same again, different in every split, and true to their kind."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.edits.random_edits import seeded_random
from bench.edits.stage import PairStage
from bench.verdict.kind_pairs import KINDS, kind_pairs
from features.imaging.decode import FEED_LIMITS, decode


@pytest.fixture(scope="module")
def pictures(shared_data: Path) -> list[Path]:
    return sorted((shared_data / "clothing/images/hat").iterdir())[:6]


def make(kind: str, split: str, pictures: list[Path], number: int = 0) -> tuple[Image.Image, ...]:
    return KINDS[kind].make(PairStage(seeded_random(7, split, kind, str(number)), split, pictures))


def test_every_kind_makes_readable_pairs_that_repeat(pictures: list[Path], tmp_path: Path) -> None:
    first = list(kind_pairs("fit", pictures, 1, tmp_path / "a"))
    again = list(kind_pairs("fit", pictures, 1, tmp_path / "b"))
    assert [pair.kind for pair in first] == list(KINDS)
    for pair, same in zip(first, again, strict=True):
        assert (pair.first, pair.truth) == (same.first, same.truth)
        assert pair.second.read_bytes() == same.second.read_bytes()
        assert min(decode(pair.first, FEED_LIMITS).pixels.size) >= 64


@pytest.mark.parametrize("kind", ["dyed", "other words", "unrelated cards"])
def test_no_two_splits_share_a_picture(pictures: list[Path], kind: str) -> None:
    fit, test = (make(kind, split, pictures)[1] for split in ("fit", "test"))
    assert fit.size != test.size or np.asarray(fit).tobytes() != np.asarray(test).tobytes()


@pytest.mark.parametrize("kind", ["dyed", "other trim", "other print", "other words"])
def test_a_variant_differs_from_its_sibling_in_a_part_alone(
    pictures: list[Path], kind: str
) -> None:
    for number in range(4):
        first, second = make(kind, "fit", pictures, number)
        small = [
            np.asarray(each.resize((120, 120)).convert("RGB"), int) for each in (first, second)
        ]
        differs = (np.abs(small[0] - small[1]).max(axis=2) > 40).mean()
        assert differs < 0.8
