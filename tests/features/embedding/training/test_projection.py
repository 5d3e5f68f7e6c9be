"""A head learned from photos finds products it was taught, better than what it began with."""

import numpy as np
import pytest

from features.embedding.head import Head
from features.embedding.training.evaluation import RetrievalAccuracy, evaluate, measure_accuracy
from features.embedding.training.labelled_vectors import LabelledVectors
from features.embedding.training.losses import LOSSES
from features.embedding.training.projection import (
    ProjectionConfig,
    fit_projection,
    principal_components,
)

PRODUCTS, WIDTH = 12, 48


def looks(rows: np.ndarray) -> np.ndarray:
    return rows[:, np.newaxis].astype(np.float32)


def sample(photos: int, seed: int) -> LabelledVectors:
    """Pictures whose product shows in twelve directions, and something louder in all others."""
    chance = np.random.default_rng(seed)
    labels = np.repeat(np.arange(PRODUCTS), photos)
    shelf = np.random.default_rng(0)
    return LabelledVectors(
        looks(_drawn(labels, chance) + 0.5), labels,
        looks(_drawn(np.arange(PRODUCTS), shelf)), np.arange(PRODUCTS),
    )  # fmt: skip


def _drawn(labels: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    noise = chance.normal(scale=0.3, size=(len(labels), WIDTH))
    noise[:, :PRODUCTS] /= 10
    drawn: np.ndarray = np.eye(PRODUCTS, WIDTH)[labels] + noise
    return drawn


@pytest.mark.parametrize("loss", LOSSES)
def test_learned_directions_find_photos_nobody_learned_from(loss: str) -> None:
    learned, judged = sample(8, seed=1), sample(8, seed=2)
    recipe = ProjectionConfig(loss=loss, dims=WIDTH, epochs=20, rate=1e-2, pull=0.0)
    head = fit_projection(learned, recipe)
    bare = np.zeros(WIDTH, np.float32)
    before = evaluate(Head(bare, bare), judged, learned)
    after = evaluate(head, judged, learned)
    assert head.dims == WIDTH
    assert after.top1 > before.top1 + 0.1


def test_one_seed_gives_one_head_and_another_another() -> None:
    first, same, other = (
        fit_projection(sample(4, seed=1), ProjectionConfig(dims=8, epochs=2, seed=seed)).sha256
        for seed in (1, 1, 2)
    )
    assert first == same != other


def test_a_strong_pull_keeps_the_principal_components() -> None:
    learned = sample(4, seed=1)
    head = fit_projection(learned, ProjectionConfig(dims=8, epochs=5, pull=1e4, rate=1e-5))
    assert head.projection is not None
    assert np.allclose(head.projection.T @ head.projection, np.eye(8), atol=1e-2)


def test_principal_components_lose_the_least() -> None:
    rows = np.random.default_rng(1).normal(size=(100, 8)) * [9, 8, 1, 1, 1, 1, 1, 1]
    kept = principal_components(rows.astype(np.float32), 2)
    assert np.abs(kept[:2]).sum(axis=1).min() > 0.9
    assert np.allclose(kept.T @ kept, np.eye(2), atol=1e-5)


def test_progress_is_told_once_an_epoch() -> None:
    told: list[int] = []
    fit_projection(
        sample(4, seed=1),
        ProjectionConfig(dims=8, epochs=3),
        lambda epoch, loss: told.append(epoch),
    )
    assert told == [1, 2, 3]


def test_without_a_catalogue_photos_find_each_other() -> None:
    learned, judged = sample(8, seed=1), sample(8, seed=2)
    nothing = np.zeros((0, 1, WIDTH), np.float32), np.zeros(0, np.int64)
    learned = LabelledVectors(learned.photos, learned.labels, *nothing)
    judged = LabelledVectors(judged.photos, judged.labels, *nothing)
    head = fit_projection(learned, ProjectionConfig(dims=WIDTH, epochs=20, rate=1e-2, pull=0.0))
    bare = np.zeros(WIDTH, np.float32)
    assert np.array_equal(head.catalogue_mean, head.query_mean)
    assert evaluate(head, judged, learned).top1 > evaluate(Head(bare, bare), judged, learned).top1


def test_a_product_counts_once_however_many_pictures_it_has() -> None:
    shown = np.asarray([[1, 0], [0.9, 0.1], [0.8, 0.2], [0, 1]], np.float32)
    asked = np.asarray([[1, 0]], np.float32)
    labels = np.asarray([0, 0, 0, 1])
    assert measure_accuracy(asked, np.asarray([1]), shown, labels) == RetrievalAccuracy(1, 0.0, 1.0)
    assert measure_accuracy(asked, np.asarray([0]), shown, labels) == RetrievalAccuracy(1, 1.0, 1.0)
    assert measure_accuracy(asked, np.asarray([9]), shown, labels) == RetrievalAccuracy(0, 0.0, 0.0)
