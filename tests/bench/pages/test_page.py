"""The pages are measured in a real browser, on an index of the bench's own."""

from tests.bench.conftest import Run


def test_page_reports_times_bytes_shifts_and_findings(run: Run) -> None:
    figures = run("page", "--products", 20, "--runs", 1)
    assert figures["page.first_results_p50"]["figure"] > 0
    assert figures["page.slow_results_p50"]["limit"] == "<= 4"
    assert 20 < figures["page.bytes_max"]["figure"] < 150
    assert figures["page.cls_max"]["figure"] <= 0.05
    assert figures["page.axe_findings"]["figure"] == 0
    assert figures["page.axe_findings"]["sizes"]["photo_bytes"] >= 5_000_000
