"""Photos to judge by have no twin among those learned from, or somebody is told."""

import numpy as np
import pytest

from core.errors import InvalidQuery
from features.embedding.errors import LeakySplit, TooFewPhotos
from features.embedding.training.splits import PhotoOrigin, find_bursts, hold_out

SHOTS = 4


@pytest.fixture
def photos() -> np.ndarray:
    """Thirty bursts of four nearly equal photos, each burst another direction."""
    chance = np.random.default_rng(1)
    shelves = chance.normal(size=(30, 1, 64))
    shaken = shelves + chance.normal(scale=0.1, size=(30, SHOTS, 64))
    return shaken.reshape(-1, 64).astype(np.float32)


@pytest.fixture
def labels() -> np.ndarray:
    """Ten products of three bursts each."""
    return np.repeat(np.arange(10), 3 * SHOTS)


def origins(count: int = 120, **told: list[str]) -> list[PhotoOrigin]:
    return [PhotoOrigin(**{name: values[n] for name, values in told.items()}) for n in range(count)]


def test_a_random_split_that_tears_bursts_is_refused_with_the_number(
    photos: np.ndarray, labels: np.ndarray
) -> None:
    with pytest.raises(LeakySplit, match=r"2[0-4] of 24 photos .* --split bursts"):
        hold_out("random", photos, labels, origins())


def test_a_random_split_of_photos_that_differ_is_fine(labels: np.ndarray) -> None:
    unlike = np.random.default_rng(2).normal(size=(120, 64)).astype(np.float32)
    held = hold_out("random", unlike, labels, origins())
    assert (held.held_out.sum(), held.leaks) == (24, 0)


def test_bursts_stay_together(photos: np.ndarray, labels: np.ndarray) -> None:
    assert (
        find_bursts(photos, labels).tolist()
        == np.repeat(find_bursts(photos, labels)[::4], 4).tolist()
    )
    assert len(np.unique(find_bursts(photos, labels))) == 30
    held = hold_out("bursts", photos, labels, origins())
    assert held.held_out.reshape(-1, SHOTS).all(axis=1).sum() == held.held_out.sum() / SHOTS == 6
    assert held.leaks == 0


def test_equal_photos_of_two_labels_are_two_bursts() -> None:
    assert len(np.unique(find_bursts(np.ones((4, 8), np.float32), np.asarray([0, 0, 1, 1])))) == 2


def test_whole_sources_are_held_back(photos: np.ndarray, labels: np.ndarray) -> None:
    sources = [f"phone {n // 12}" for n in range(120)]
    held = hold_out("source", photos, labels, origins(source=sources))
    told = {one: {bool(h) for s, h in zip(sources, held.held_out, strict=True) if s == one}
            for one in sources}  # fmt: skip
    assert {len(sides) for sides in told.values()} == {1}
    assert held.held_out.sum() == 24


def test_one_large_source_leaves_the_small_one_to_judge_by(
    photos: np.ndarray, labels: np.ndarray
) -> None:
    held = hold_out("source", photos, labels, origins(source=["a"] * 80 + ["b"] * 40))
    assert held.held_out.tolist() == [False] * 80 + [True] * 40


def test_the_latest_are_held_back_whole_moments_at_a_time(
    photos: np.ndarray, labels: np.ndarray
) -> None:
    days = [f"2026-01-{1 + n % 10:02}" for n in range(120)]
    held = hold_out("time", photos, labels, origins(taken_at=days))
    assert {day for day, out in zip(days, held.held_out, strict=True) if out} == {
        "2026-01-09",
        "2026-01-10",
    }


def test_a_given_column_is_kept_to_and_its_leaks_are_counted(
    photos: np.ndarray, labels: np.ndarray
) -> None:
    names = ["Train", "val", "train", "train"] * 30
    held = hold_out("column", photos, labels, origins(split=names))
    assert (held.held_out.sum(), held.leaks) == (30, 30)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"split": ["train", "val"] * 60, "source": ["a", "b"] * 60}, "column"),
        ({"source": ["a", "b"] * 60, "taken_at": ["2025", "2026"] * 60}, "source"),
        ({"taken_at": ["2025", "2026"] * 60}, "time"),
        ({"source": ["a"] * 120}, "bursts"),
    ],
)
def test_without_a_wish_what_the_list_tells_decides(
    photos: np.ndarray, labels: np.ndarray, told: dict[str, list[str]], kind: str
) -> None:
    assert hold_out(None, photos, labels, origins(**told)).kind == kind


@pytest.mark.parametrize("kind", ["column", "source", "time"])
def test_a_split_by_what_the_list_does_not_tell_is_refused(
    photos: np.ndarray, labels: np.ndarray, kind: str
) -> None:
    with pytest.raises(InvalidQuery, match="column"):
        hold_out(kind, photos, labels, origins())


def test_a_split_with_one_side_empty_is_refused(photos: np.ndarray, labels: np.ndarray) -> None:
    with pytest.raises(TooFewPhotos, match="one side"):
        hold_out("column", photos, labels, origins(split=["train"] * 120))
