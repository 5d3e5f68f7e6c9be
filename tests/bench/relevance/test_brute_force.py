"""Brute force ranks owners by the nearest of their pictures."""

import numpy as np

from bench.relevance.brute_force import rank_owners


def test_owner_is_as_near_as_its_nearest_picture() -> None:
    stored = np.eye(3, dtype=np.float32)
    queries = np.asarray([[0.1, 0.5, 0.9], [0.9, 0.5, 0.1]], np.float32)
    assert rank_owners(queries, ["a", "b", "a"], stored) == [["a", "b"], ["a", "b"]]
    assert rank_owners(queries, ["a", "b", "c"], stored) == [["c", "b", "a"], ["a", "b", "c"]]
