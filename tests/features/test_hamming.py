"""Hashes as hex, compared bit by bit."""

import numpy as np
import pytest

from features import hamming


def test_bits_become_hex_first_bit_first() -> None:
    assert hamming.to_hex(np.array([[True, False, False, False], [False] * 4])) == "80"


def test_distance_counts_the_bits_that_differ() -> None:
    assert hamming.distance("ff00", "fe01") == 2


def test_hashes_of_two_lengths_are_never_compared() -> None:
    with pytest.raises(ValueError, match="16 and 8 bits"):
        hamming.distance("ff00", "ff")


def test_script_text_depends_on_the_number_of_hashes_alone() -> None:
    one, other = (
        hamming.nearest_script(hashes, "f.bits", 8) for hashes in (["00", "0f"], ["ff", "f0"])
    )
    assert one["source"] == other["source"]
    assert one == {
        "source": "double nearest = 8; "
        "nearest = Math.min(nearest, hamming(params.hash0, 'f.bits')); "
        "nearest = Math.min(nearest, hamming(params.hash1, 'f.bits')); "
        "return 1 - nearest / 8;",
        "params": {"hash0": "00", "hash1": "0f"},
    }
