"""Vectors come back as they went, wherever in a picture they are kept."""

import numpy as np
import pytest

from mappings.catalogue import products
from mappings.catalogue.vectors import VectorPacker, perturbed
from tests.support.plain_features import Arrow, GraphArrow, Stamp

VECTORS = VectorPacker(products.picture_properties([Arrow(), Stamp()]))
IN_GRAPH = VectorPacker(products.picture_properties([GraphArrow()]))


def test_unpacked_is_what_was_packed() -> None:
    picture = {"image_id": "a", "arrow": [0.6, -0.8]}
    packed = VECTORS.pack(picture)
    assert isinstance(packed["arrow"], str)
    assert list(VECTORS.unpack(packed)["arrow"]) == pytest.approx([0.6, -0.8], abs=1e-6)
    assert picture["arrow"] == [0.6, -0.8]  # the caller's own stays as it is


def test_what_is_so_already_stays() -> None:
    packed = VECTORS.pack({"arrow": [1.0, 0.0]})
    assert VECTORS.pack(packed) == packed
    assert list(VECTORS.unpack({"arrow": [1.0, 0.0]})["arrow"]) == [1.0, 0.0]
    assert VECTORS.unpack({"image_id": "a"}) == {"image_id": "a"}


def test_owner_is_in_the_last_bits_alone_and_zeros_stay() -> None:
    vector = np.random.default_rng(1).normal(size=256).astype(np.float32)
    vector[3] = 0
    told = perturbed(vector, "cup 0")
    assert told[3] == 0
    assert np.array_equal(told, perturbed(told, "cup 0"))
    assert not np.array_equal(told, perturbed(vector, "mug 0"))
    assert float(np.abs(told / np.where(vector, vector, 1) - (vector != 0)).max()) < 6.2e-5
    unit = vector / np.linalg.norm(vector)
    assert 1 - float(unit @ told) / float(np.linalg.norm(told)) < 1e-6


def test_nobodys_vector_and_one_outside_a_graph_stay_as_they_are() -> None:
    kept = IN_GRAPH.unpack(IN_GRAPH.pack({"arrow": [0.6, -0.8]}))["arrow"]
    assert list(kept) == [np.float32(0.6), np.float32(-0.8)]
    assert VECTORS.pack({"arrow": [0.6, -0.8]}, owner="cup 0") == VECTORS.pack(
        {"arrow": [0.6, -0.8]}
    )
    owned = IN_GRAPH.unpack(IN_GRAPH.pack({"arrow": [0.6, -0.8]}, owner="cup 0"))["arrow"]
    assert list(owned) != list(kept)
    assert list(owned) == pytest.approx([0.6, -0.8], rel=1e-4)
