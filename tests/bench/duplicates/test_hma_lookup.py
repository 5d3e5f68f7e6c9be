"""Hashes are looked up in a filled bank over HTTP, and the answers checked by brute force."""

from bench.duplicates.hash_population import make_population
from bench.duplicates.hma_lookup import unique
from tests.bench.conftest import Run


def test_lookups_are_exact(run: Run) -> None:
    figures = run("hma-lookup", "--hashes", 2000, "--queries", 60, "--clients", 2)
    assert figures["exact"]["figure"] == 1.0
    assert figures["all_clients.rate"]["limit"] == ">= 300"
    assert figures["all_clients.p99"]["limit"] == "<= 60"
    assert figures["exact"]["sizes"]["hashes"] < 2000


def test_bank_holds_each_hash_once() -> None:
    many = unique(make_population(4000, 0.5, seed=3))
    hashes = {row.tobytes() for row in many.hashes}
    assert len(hashes) == len(many.hashes) < 4000
