"""Bands find every near hash, and say how near."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.hash_bands import bands, furthest, neighbour_bands

SIZES = ((256, 1), (64, 2))
"""Bits of a hash, and bits by which its bands may differ: as PDQ and pHash have them."""


def flipped(bits: str, places: set[int]) -> str:
    mask = sum(1 << place for place in places)
    return f"{int(bits, 16) ^ mask:0{len(bits)}x}"


@pytest.mark.parametrize(("size", "flips"), SIZES)
@given(data=st.data())
def test_every_near_hash_shares_a_band(size: int, flips: int, data: st.DataObject) -> None:
    bits = f"{data.draw(st.integers(0, 2**size - 1)):0{size // 4}x}"
    places = data.draw(st.sets(st.integers(0, size - 1), max_size=furthest(size, flips)))
    assert set(neighbour_bands(bits, flips)) & set(bands(flipped(bits, places)))


@pytest.mark.parametrize(("size", "flips"), SIZES)
def test_one_bit_further_may_escape(size: int, flips: int) -> None:
    bits = "0" * (size // 4)
    places = {start + bit for start in range(0, size, 16) for bit in range(flips + 1)}
    assert len(places) == furthest(size, flips) + 1
    assert not set(neighbour_bands(bits, flips)) & set(bands(flipped(bits, places)))


def test_bands_carry_their_number() -> None:
    assert bands("0123456789abcdef") == ["00123", "14567", "289ab", "3cdef"]
    assert neighbour_bands("0" * 4, 1)[:3] == ["00000", "00001", "00002"]
