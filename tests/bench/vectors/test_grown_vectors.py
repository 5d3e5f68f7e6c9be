"""Grown vectors lie as real ones do, and their cells keep the shares they say."""

from pathlib import Path

import numpy as np
import pytest

from bench.vectors import grown_vectors
from bench.vectors.filter_cells import KINDS, ExactAnswer, PartitionedVectors, VectorQuestion
from bench.vectors.grown_vectors import PrincipalComponents, ProjectedEmbedding, Vectors
from core.environment import Environment
from features.embedding import feature
from indexer.errors import FeedUnreadable


@pytest.fixture(scope="module")
def origins() -> Vectors:
    """Vectors in 40 bunches, as pictures of 40 things."""
    chance = np.random.default_rng(3)
    things = np.repeat(chance.normal(size=(40, 24)), 10, axis=0)
    return grown_vectors.unit_length(
        (things + 0.4 * chance.normal(size=things.shape)).astype(np.float32)
    )


@pytest.fixture(scope="module")
def made_by() -> ProjectedEmbedding:
    embedding = feature.create(Environment.current())
    axes = np.eye(24, embedding.mapping()["dims"], dtype=np.float32)
    return ProjectedEmbedding(
        embedding, PrincipalComponents(np.zeros(axes.shape[1], np.float32), axes)
    )


@pytest.fixture(scope="module")
def divided(origins: Vectors, made_by: ProjectedEmbedding) -> PartitionedVectors:
    return PartitionedVectors(
        grown_vectors.grow_vectors(origins, made_by, 4000, 0, 0.3, seed=7).stored
    )


@pytest.fixture(scope="module")
def questions(origins: Vectors, divided: PartitionedVectors) -> list[VectorQuestion]:
    return [divided.question(origin) for origin in origins[::20]]


def test_grown_vectors_are_always_the_same(origins: Vectors, made_by: ProjectedEmbedding) -> None:
    one, again, other = (
        grown_vectors.grow_vectors(origins, made_by, 500, 20, 0.3, seed=seed) for seed in (7, 7, 8)
    )
    assert np.array_equal(one.stored, again.stored)
    assert np.array_equal(one.questions, again.questions)
    assert not np.array_equal(one.stored, other.stored)
    assert np.allclose(np.linalg.norm(one.stored, axis=1), 1, atol=1e-5)


def test_grown_vectors_are_about_as_near_as_real_ones(
    origins: Vectors, made_by: ProjectedEmbedding
) -> None:
    grown = grown_vectors.grow_vectors(origins, made_by, 400, 50, 0, seed=7)
    real = origins @ origins.T
    np.fill_diagonal(real, -1)
    nearest = np.median((grown.questions @ grown.stored.T).max(axis=1))
    assert abs(nearest - np.median(real.max(axis=1))) < 0.1
    assert (grown.questions @ grown.stored.T).max() < 1 - 1e-4


def test_share_of_duplicates_is_kept(origins: Vectors, made_by: ProjectedEmbedding) -> None:
    grown = grown_vectors.grow_vectors(origins, made_by, 12_000, 0, 0.3, seed=7)
    _, counts = np.unique(grown.stored, axis=0, return_counts=True)
    assert counts[counts > 1].sum() == grown.duplicates == 3600
    assert counts.max() == grown.largest_group >= 1000


def test_cells_are_equal_and_named_by_their_products(divided: PartitionedVectors) -> None:
    assert divided.shares == (0.5, 0.1, 0.01)
    for kind in KINDS:
        for share in divided.shares:
            cell = divided.choose_cell(divided.question(divided.vectors[5]), kind, share)
            kept = divided.mask(cell)
            assert abs(kept.mean() - share) <= 1 / len(kept)
            ((column, (value,)),) = cell.filters().terms.items()
            held = [value in document[column] for document in divided.documents(0, 4000)]
            assert np.array_equal(held, kept)


def test_correlation_is_what_it_says(
    divided: PartitionedVectors, questions: list[VectorQuestion]
) -> None:
    def inside(kind: str, share: float) -> float:
        return float(
            np.mean(
                [
                    divided.mask(divided.choose_cell(q, kind, share))[q.near[:10]].mean()
                    for q in questions
                ]
            )
        )

    for share in divided.shares:
        assert inside("correlated", share) > 1.5 * share
        assert inside("anti-correlated", share) < 0.5 * share
    assert 0.3 < inside("independent", 0.5) < 0.7


def test_recall_counts_only_what_the_filter_keeps(
    divided: PartitionedVectors, questions: list[VectorQuestion]
) -> None:
    for question in questions:
        kept = divided.mask(divided.choose_cell(question, "independent", 0.1))
        truth = ExactAnswer.of(question.similar, kept, 10)
        right = [int(row) for row in np.argsort(-question.similar) if kept[row]][:10]
        wrong = [int(row) for row in question.near if not kept[row]][:5]
        assert truth.recall(question.similar, kept, right) == 1
        assert truth.recall(question.similar, kept, [*wrong, *right[:5]]) == 0.5
        assert truth.recall(question.similar, kept, []) == 0
        assert truth.recall(question.similar, kept, [right[0]] * 10) <= 0.1


def test_identical_vectors_are_as_good_as_each_other() -> None:
    similar = np.array([0.9, 0.8, 0.8, 0.8, 0.1], np.float32)
    kept = np.ones(5, bool)
    assert ExactAnswer.of(similar, kept, 2).recall(similar, kept, [0, 3]) == 1
    assert ExactAnswer.of(similar, kept, 2).recall(similar, kept, [0, 4]) == 0.5


def test_too_few_pictures_are_refused_with_the_number() -> None:
    with pytest.raises(FeedUnreadable, match="256 dimensions need as many"):
        PrincipalComponents.fit(np.ones((3, 300), np.float32))


def test_projected_embedding_is_the_products_own(
    shared_data: Path, made_by: ProjectedEmbedding
) -> None:
    from features.imaging.decode import decode

    picture = next((shared_data / "grocery" / "iconic").rglob("*.jpg"))
    seen = decode(picture.read_bytes())
    (value,) = made_by.extract([seen])
    assert len(value) == made_by.mapping()["dims"] == 24
    assert made_by.distance(value, value) == pytest.approx(0, abs=1e-6)
    assert made_by.identity() != made_by.embedding.identity()
