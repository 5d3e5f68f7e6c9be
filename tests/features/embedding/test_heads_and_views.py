"""Heads and views: what a picture is stored as, and what a photo is asked with."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from core.environment import Environment
from features.base import Picture
from features.embedding.feature import Embedding, create
from features.embedding.framing import EmbeddingFraming
from features.embedding.head import Head
from features.errors import ModelUnavailable
from features.rotation import rotate


def with_settings(**settings: str) -> Embedding:
    named = {f"LOOKALIKE_EMBEDDING_{name}": value for name, value in settings.items()}
    return create(Environment({**Environment.current().values, **named}))


@pytest.fixture(scope="module")
def head(embedding: Embedding, clothes: list[Picture]) -> Head:
    """A head with two different means and a projection to 16 numbers."""
    vectors = embedding.backbone_vectors(clothes)
    projection = np.linalg.svd(vectors, full_matrices=False)[2][:16].T
    means = vectors[:20].mean(axis=0), vectors[20:].mean(axis=0)
    return Head(*means, projection, embedding.backbone_identity())


@pytest.fixture(scope="module")
def headed(head: Head, tmp_path_factory: pytest.TempPathFactory) -> Embedding:
    path = tmp_path_factory.mktemp("heads") / "head.npz"
    head.save(path)
    return with_settings(HEAD=str(path))


def test_a_head_decides_what_is_stored_and_what_is_asked(
    embedding: Embedding, headed: Embedding, head: Head, clothes: list[Picture]
) -> None:
    raw = embedding.backbone_vectors(clothes[:3])
    assert headed.mapping()["dims"] == 16
    stored, asked = rotate(head.transform_catalogue(raw)), rotate(head.transform_queries(raw))
    assert np.allclose(headed.extract(clothes[:3]), stored, atol=1e-6)
    assert np.allclose(headed.extract_photo(clothes[:3]), asked, atol=1e-6)
    assert not np.allclose(headed.extract(clothes[:3]), headed.extract_photo(clothes[:3]))


def test_an_index_made_without_a_head_is_told_from_one_made_with_it(
    embedding: Embedding, headed: Embedding, head: Head
) -> None:
    assert headed.identity() == {
        **embedding.identity(), "dims": 16, "head_sha256": head.sha256
    }  # fmt: skip
    assert headed.backbone_identity() == embedding.backbone_identity()


def test_a_head_made_for_another_model_is_refused(head: Head, tmp_path: Path) -> None:
    path = tmp_path / "head.npz"
    other = {**head.backbone, "weights_sha256": "0" * 64}
    Head(head.catalogue_mean, head.query_mean, head.projection, other).save(path)
    with pytest.raises(ModelUnavailable, match="head was made for the model"):
        with_settings(HEAD=str(path))


def test_an_accurate_look_averages_five_views(embedding: Embedding, clothes: list[Picture]) -> None:
    (once,) = embedding.extract_photo(clothes[:1])
    (careful,) = embedding.extract_photo(clothes[:1], accurate=True)
    assert once == embedding.extract(clothes[:1])[0]
    assert np.linalg.norm(careful) == pytest.approx(1, abs=1e-6)
    assert 0.7 < float(np.dot(once, careful)) < 0.9999


@pytest.mark.parametrize("views", [5, 10])
def test_stored_views_are_part_of_the_identity(
    embedding: Embedding, clothes: list[Picture], views: int
) -> None:
    several = with_settings(VIEWS=str(views))
    assert several.identity()["preprocessing"]["views"] == views
    assert several.backbone_identity() == embedding.backbone_identity()
    (stored,) = several.extract(clothes[:1])
    expected = rotate(embedding.backbone_vectors(clothes[:1], views))[0]
    assert np.allclose(stored, expected, atol=1e-6)


def test_ten_views_of_a_picture_are_those_of_its_mirror_image(
    embedding: Embedding, clothes: list[Picture]
) -> None:
    mirrored = Picture(ImageOps.mirror(clothes[0].pixels), *clothes[0].pixels.size)
    both = [clothes[0], mirrored]
    assert np.allclose(*embedding.backbone_vectors(both, 10), atol=1e-5)
    assert not np.allclose(*embedding.backbone_vectors(both, 5), atol=1e-5)


def test_five_views_reach_every_corner() -> None:
    picture = Image.new("RGB", (100, 60), "white")
    for corner in ((0, 0), (99, 0), (0, 59), (99, 59)):
        picture.putpixel(corner, (0, 0, 0))
    views = list(EmbeddingFraming(45).views(picture, 5))
    darkest = [(view[0, 0], view[0, -1], view[-1, 0], view[-1, -1]) for view in views]
    assert [min(range(4), key=lambda n: corners[n].sum()) for corners in darkest[1:]] == [
        0,
        1,
        2,
        3,
    ]
    assert min(corner.sum() for corner in darkest[0]) == 3 * 255
