"""Hashes are looked up among many on the real server, and the answers checked by brute force."""

import numpy as np

from bench.duplicates.hash_population import GROUPS, REACH, make_population
from features import hamming
from tests.bench.conftest import Run


def test_lookup_is_complete_with_and_without_filters(run: Run) -> None:
    figures = run("pdq-lookup", "--hashes", 3000, "--queries", 12)
    for turns in (1, 8):
        for group in ("all", *GROUPS):
            name = f"turns_{turns}.{group}"
            assert figures[f"{name}.complete"]["figure"] == 1.0
            assert figures[f"{name}.wrong"]["figure"] == 0
            assert figures[f"{name}.p95"]["limit"] == "<= 50"
    assert (
        figures["turns_8.all.to_be_found"]["figure"] > figures["turns_8.half.to_be_found"]["figure"]
    )
    assert figures["load"]["sizes"]["duplicates"] == 900


def test_crowd_is_always_the_same_and_has_clusters() -> None:
    one, again = make_population(12_000, 0.3, seed=7), make_population(12_000, 0.3, seed=7)
    assert np.array_equal(one.hashes, again.hashes)
    assert not np.array_equal(one.hashes, make_population(12_000, 0.3, seed=8).hashes)
    assert one.duplicates == 3600
    assert one.largest_cluster >= 360
    shares = {name: float((one.sellers == name).mean()) for name in GROUPS}
    assert all(abs(shares[name] - share) < 0.02 for name, share in GROUPS.items())


def test_brute_force_counts_the_bits_of_the_nearest_turn() -> None:
    many = make_population(300, 0.3, seed=7)
    stored = [one["images"][0]["pdq"]["bits"] for one in many.documents(0, 300)]
    for question in many.questions(10, seed=7):
        nearest = [
            min(hamming.distance(turn, bits) for turn in question.value()["turns"])
            for bits in stored
        ]
        expected = {number: near for number, near in enumerate(nearest) if near <= REACH}
        assert many.within(question) == expected
