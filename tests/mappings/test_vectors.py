"""Vectors come back as they went, wherever in a picture they are kept."""

import pytest

from mappings import products
from mappings.vectors import Vectors
from tests.mappings.doubles import Arrow, Stamp

VECTORS = Vectors(products.picture([Arrow(), Stamp()]))


def test_unpacked_is_what_was_packed() -> None:
    picture = {"image_id": "a", "arrow": [0.6, -0.8]}
    packed = VECTORS.packed(picture)
    assert isinstance(packed["arrow"], str)
    assert list(VECTORS.unpacked(packed)["arrow"]) == pytest.approx([0.6, -0.8], abs=1e-6)
    assert picture["arrow"] == [0.6, -0.8]  # the caller's own stays as it is


def test_what_is_so_already_stays() -> None:
    packed = VECTORS.packed({"arrow": [1.0, 0.0]})
    assert VECTORS.packed(packed) == packed
    assert list(VECTORS.unpacked({"arrow": [1.0, 0.0]})["arrow"]) == [1.0, 0.0]
    assert VECTORS.unpacked({"image_id": "a"}) == {"image_id": "a"}
