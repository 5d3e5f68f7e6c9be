"""Faults, small: what a killed, blocked or disturbed sync leaves is whole."""

import pytest

from tests.bench.conftest import Run


# Three nodes start, and one of them twice.
@pytest.mark.timeout(900)
def test_cluster_that_loses_nodes_keeps_every_acknowledged_write(run: Run) -> None:
    figures = run("faults", "F1", "--documents", 400, "--node-kills", 1, "--node-stops", 1,
                  "--stopped-s", 3)  # fmt: skip
    assert figures["F1.lost"]["figure"] == figures["F2.ghosts"]["figure"] == 0
    assert figures["F1.copies"]["figure"] == 2
    assert figures["F1.lost"]["sizes"]["acknowledged"] >= 400
    assert figures["F3.partial"]["figure"] == 0
    assert figures["F3.answered"]["figure"] >= 0.9


def test_killed_sync_loses_and_doubles_nothing(run: Run) -> None:
    figures = run("faults", "F5", "--products", 40, "--kills", 2)
    assert figures["F5.lost"]["figure"] == figures["F5.doubled"]["figure"] == 0
    assert figures["F5.recomputed"]["pass"]


def test_blocked_and_disturbed_sync_waits_in_two_lines_and_loses_nothing(run: Run) -> None:
    figures = run("faults", "F6", "--products", 60, "--blocked-s", 3)
    assert figures["F6.block.lines"]["figure"] == 2
    assert figures["F6.block.lost"]["figure"] == figures["F6.block.failed"]["figure"] == 0
    assert figures["F6.block.busy"]["figure"] < 0.5
    assert figures["F6.faults"]["figure"] > 0
    assert figures["F6.faults.lost"]["figure"] == 0


def test_killed_rebuild_fails_no_search_and_shows_no_half_index(run: Run) -> None:
    figures = run("faults", "F7", "--products", 40, "--rebuild-kills", 1, "--searches", 5)
    assert figures["F7.failed"]["figure"] == figures["F7.incomplete"]["figure"] == 0


def test_restored_snapshot_answers_as_before(run: Run) -> None:
    figures = run("faults", "F8", "--products", 40)
    assert figures["F8.different"]["figure"] == figures["F8.lost"]["figure"] == 0
