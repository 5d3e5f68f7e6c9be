"""A head: what it does to vectors, and that its file says what is wrong with it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.embedding.head import Head, normalise
from features.errors import ModelUnavailable

RANDOM = np.random.default_rng(7)


def drawn(rows: int = 6, dims: int = 8) -> np.ndarray:
    return normalise(RANDOM.normal(size=(rows, dims)).astype(np.float32))


def learned(projection: np.ndarray | None = None) -> Head:
    return Head(drawn(1)[0] / 2, drawn(1)[0] / 2, projection, {"model": "tiny"}, {"photos": 50})


def test_a_head_of_zeros_changes_nothing() -> None:
    nothing = np.zeros(8, np.float32)
    vectors = drawn()
    assert np.allclose(Head(nothing, nothing).transform_queries(vectors), vectors, atol=1e-6)


def test_each_side_is_centred_on_its_own_mean() -> None:
    head, vectors = learned(), drawn()
    assert np.allclose(
        head.transform_catalogue(vectors), normalise(vectors - head.catalogue_mean), atol=1e-6
    )
    assert np.allclose(
        head.transform_queries(vectors), normalise(vectors - head.query_mean), atol=1e-6
    )
    assert not np.allclose(head.transform_queries(vectors), head.transform_catalogue(vectors))


def test_the_length_a_vector_comes_with_does_not_matter() -> None:
    head, vectors = learned(), drawn()
    assert np.allclose(
        head.transform_queries(vectors * 40), head.transform_queries(vectors), atol=1e-6
    )


def test_projected_vectors_are_shorter_lists_of_length_one() -> None:
    head = learned(drawn(8, 3))
    found = head.transform_catalogue(drawn())
    assert found.shape == (6, 3)
    assert head.dims == 3
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)


def test_a_vector_without_direction_comes_back_as_zeros() -> None:
    mean = drawn(1)[0]
    assert not Head(mean, mean).transform_catalogue(mean[np.newaxis]).any()
    assert not learned().transform_queries(np.zeros((2, 8), np.float32)).any()


def corrected(projection: np.ndarray | None = None, photos: int = 120) -> Head:
    bare = learned(projection)
    reference = normalise(drawn(photos, bare.dims)).astype(np.float16).astype(np.float32)
    return replace(bare, reference_photos=reference)


def test_levelled_vectors_are_two_numbers_longer_and_of_length_one() -> None:
    head, vectors = corrected(), drawn()
    for found in (
        head.transform_catalogue(vectors),
        head.transform_queries(vectors),
        head.transform_stored_photos(vectors),
    ):
        assert found.shape == (6, 10)
        assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert head.dims == 10


def test_a_kept_photo_is_centred_as_photos_are_and_levelled_as_pictures_are() -> None:
    head, vectors = corrected(), drawn()
    bare = replace(head, reference_photos=None)
    assert np.array_equal(bare.transform_stored_photos(vectors), bare.transform_queries(vectors))
    (asked,), (kept,) = (
        head.transform_queries(vectors[:1]),
        head.transform_stored_photos(vectors[:1]),
    )
    assert normalise(kept[np.newaxis, :8])[0] == pytest.approx(
        normalise(asked[np.newaxis, :8])[0], abs=1e-6
    )
    assert asked[8:].tolist() == pytest.approx([-(0.5**0.5), 0], abs=1e-6)
    # Not as it was asked: two photos would agree on the last numbers more than on what they show.
    assert abs(float(asked @ kept)) < 0.9


@pytest.mark.parametrize(
    "head",
    [learned(), learned(drawn(8, 3)), corrected(), corrected(drawn(8, 3))],
    ids=["centring", "projection", "hubness correction", "projection and hubness correction"],
)
def test_a_file_gives_back_the_same_head(tmp_path: Path, head: Head) -> None:
    head.save(tmp_path / "folder" / "head.npz")
    read = Head.load(tmp_path / "folder" / "head.npz")
    assert read.sha256 == head.sha256
    assert read.backbone == {"model": "tiny"}
    assert read.facts == {"photos": 50}
    vectors = drawn()
    assert np.array_equal(read.transform_queries(vectors), head.transform_queries(vectors))


def test_the_digest_changes_with_whatever_decides_the_output() -> None:
    one = learned()
    others = [
        Head(one.query_mean, one.query_mean, None, one.backbone),
        Head(one.catalogue_mean, one.catalogue_mean, None, one.backbone),
        Head(one.catalogue_mean, one.query_mean, drawn(8, 3), one.backbone),
        Head(one.catalogue_mean, one.query_mean, None, {"model": "other"}),
        replace(one, reference_photos=drawn(120)),
        replace(one, reference_photos=drawn(120)),
    ]
    assert len({one.sha256, *(other.sha256 for other in others)}) == 7
    facts = Head(one.catalogue_mean, one.query_mean, None, one.backbone, {"photos": 51})
    assert facts.sha256 == one.sha256


@pytest.mark.parametrize(
    ("mean", "projection"),
    [
        (np.zeros(7, np.float32), None),
        (np.zeros(8, np.float32), drawn(7, 3)),
        (np.full(8, np.nan, np.float32), None),
    ],
    ids=["two lengths", "projection of another length", "not a number"],
)
def test_numbers_that_do_not_fit_are_refused(
    mean: np.ndarray, projection: np.ndarray | None
) -> None:
    with pytest.raises(ModelUnavailable, match="head"):
        Head(np.zeros(8, np.float32), mean, projection)


def test_a_crowd_of_other_vectors_is_refused() -> None:
    with pytest.raises(ModelUnavailable, match="reference photos do not fit"):
        replace(learned(drawn(8, 3)), reference_photos=drawn(120))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"gone\.npz cannot be read: No such file"):
        Head.load(tmp_path / "gone.npz")


def test_a_file_that_would_run_code_is_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "evil.npz"
    np.savez(path, catalogue_mean=np.asarray([print], dtype=object))
    with pytest.raises(ModelUnavailable, match=r"evil\.npz is not a head"):
        Head.load(path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"catalogue_mean": np.zeros(3)}, "it lacks backbone, facts, format, query_mean"),
        (
            {
                "format": np.asarray(99),
                "catalogue_mean": np.zeros(3),
                "query_mean": np.zeros(3),
                "backbone": np.asarray("{}"),
                "facts": np.asarray("{}"),
            },
            "another version",
        ),
        (
            {
                "format": np.asarray(1),
                "catalogue_mean": np.zeros(3),
                "query_mean": np.zeros(3),
                "backbone": np.asarray("[]"),
                "facts": np.asarray("{}"),
            },
            "not a JSON object",
        ),
    ],
    ids=["parts missing", "another format", "no object"],
)
def test_a_wrong_file_says_what_is_wrong(
    tmp_path: Path, content: dict[str, np.ndarray], told: str
) -> None:
    path = tmp_path / "wrong.npz"
    np.savez(path, **content)
    with pytest.raises(ModelUnavailable, match=told):
        Head.load(path)


def test_a_file_of_anything_else_is_named(tmp_path: Path) -> None:
    path = tmp_path / "photo.npz"
    for content in (b"", b"no archive at all", b"PK\x03\x04 cut off"):
        path.write_bytes(content)
        with pytest.raises(ModelUnavailable, match=r"photo\.npz"):
            Head.load(path)
    single = tmp_path / "array.npy"
    np.save(single, np.zeros(3))
    with pytest.raises(ModelUnavailable, match="single array"):
        Head.load(single)
