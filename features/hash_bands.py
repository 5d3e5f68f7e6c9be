"""Bands of a perceptual hash: terms by which every near hash is found without comparing all.

A hash is cut into bands of 16 bits. If two hashes differ in fewer bits than (f + 1) a band on
average, some band differs in at most f. So a query for each band and every value that differs from
it in up to f bits selects *every* hash that near, and a script counts the bits of those alone
(multi-index hashing: Norouzi, Punjani & Fleet, "Fast search in Hamming space with multi-index
hashing", CVPR 2012).
"""

from functools import cache
from itertools import combinations

BAND_BITS = 16
DIGITS = BAND_BITS // 4
"""Hex digits of a band."""


def bands(bits: str) -> list[str]:
    """Return the bands of a hash in hex, each its number as a hex digit before its four digits.

    A hash has at most 16 bands, 256 bits.
    """
    return [f"{start // DIGITS:x}{bits[start : start + DIGITS]}" for start in _starts(bits)]


def neighbour_bands(bits: str, flips: int) -> list[str]:
    """Return every band that differs from one of the hash's in at most `flips` bits."""
    return [
        f"{start // DIGITS:x}{int(bits[start : start + DIGITS], 16) ^ mask:04x}"
        for start in _starts(bits)
        for mask in _masks(flips)
    ]


def furthest(hash_bits: int, flips: int) -> int:
    """Return the distance within which bands that differ in up to `flips` bits find every hash."""
    return (flips + 1) * (hash_bits // BAND_BITS) - 1


def _starts(bits: str) -> range:
    return range(0, len(bits), DIGITS)


@cache
def _masks(flips: int) -> tuple[int, ...]:
    """Return the numbers of BAND_BITS bits that have at most `flips` ones."""
    return tuple(
        sum(1 << place for place in places)
        for count in range(flips + 1)
        for places in combinations(range(BAND_BITS), count)
    )
