"""The feature service is measured as an operator runs it."""

from tests.bench.conftest import Run


def test_a_short_run_measures_both_lanes(run: Run) -> None:
    figures = run("feature-service", "--seconds", 3, "--rate", 4)
    assert 0 < figures["realtime.idle_p50"]["figure"] <= figures["realtime.idle_p95"]["figure"]
    assert figures["batch.rate"]["figure"] > 1
    assert figures["realtime.p95_to_idle"]["limit"] == "<= 3"
