"""What the perceptual hashes share: bits as hex, and a script that counts differing bits."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.base import Json


def to_hex(bits: NDArray[Any]) -> str:
    """Return an array of 0/1 or booleans, of any shape, as hex, first bit first."""
    return np.packbits(bits.astype(bool).reshape(-1)).tobytes().hex()


def distance(a: str, b: str) -> int:
    """Return how many bits differ; 0 means same hash, not same picture.

    Raises ValueError when the lengths differ: comparing two algorithms is always a bug.
    """
    if len(a) != len(b):
        raise ValueError(f"hashes of {4 * len(a)} and {4 * len(b)} bits cannot be compared")
    return (int(a, 16) ^ int(b, 16)).bit_count()


def nearest_script(hashes: Sequence[str], field: str, bits: int) -> Json:
    """Return a script: 1 - (Hamming distance to the nearest of `hashes`) / `bits`.

    Elasticsearch binds a vector function's arguments once per place it stands in the source, so a
    loop would compare with the first hash over and over: each hash gets a place of its own. The
    text depends only on their number, so the server compiles it once.
    """
    lines = [f"double nearest = {bits};"]
    lines += [
        f"nearest = Math.min(nearest, hamming(params.hash{place}, '{field}'));"
        for place in range(len(hashes))
    ]
    lines.append(f"return 1 - nearest / {bits};")
    return {
        "source": " ".join(lines),
        "params": {f"hash{place}": value for place, value in enumerate(hashes)},
    }
