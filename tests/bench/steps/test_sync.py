"""The sync bench, small, on the real server."""

from tests.bench.conftest import Run


def test_unchanged_rows_and_new_prices_compute_no_feature(run: Run) -> None:
    figures = run("sync", "--rows", 60, "--prices", 30)
    assert figures["unchanged.features_computed"]["figure"] == 0
    assert figures["prices.pictures_computed"]["figure"] == 0
    assert figures["prices.rate"]["limit"] == ">= 1500"
    for name in ("first.rate", "unchanged.rate", "unchanged.time", "prices.processor_time"):
        assert figures[name]["figure"] > 0, name
