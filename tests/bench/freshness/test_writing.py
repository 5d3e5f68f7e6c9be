"""Searches beside writes are compared with what was there at that moment."""

from pathlib import Path

import numpy as np
import pytest

from bench.freshness.written_products import (
    AnsweredSearch,
    WrittenProduct,
    deleted_but_shown,
    recalls,
)
from tests.bench.conftest import Run

STORED = np.eye(4, 3, dtype=np.float32)
EAST = np.array([1, 0, 0], np.float32)


def search(at: float, *ids: str) -> AnsweredSearch:
    return AnsweredSearch(0, at, at + 0.1, ids)


def delete(key: str, at: float) -> WrittenProduct:
    return WrittenProduct(key, None, at, at + 0.1)


def put(key: str, at: float) -> WrittenProduct:
    return WrittenProduct(key, EAST, at, at + 0.1)


@pytest.mark.parametrize(
    ("searches", "writes", "shown"),
    [
        ([search(10, "0")], [delete("0", 8)], 1),
        ([search(10, "0")], [delete("0", 9)], 0),
        ([search(10, "0")], [delete("0", 8), put("0", 8.5)], 0),
        ([search(10, "1")], [delete("0", 8)], 0),
        ([search(10, "0")], [delete("0", 11)], 0),
    ],
)
def test_a_deleted_product_may_be_shown_for_a_moment_and_no_longer(
    searches: list[AnsweredSearch], writes: list[WrittenProduct], shown: int
) -> None:
    assert deleted_but_shown(searches, writes) == shown


@pytest.mark.parametrize(
    ("found", "writes", "recall"),
    [
        (("0", "1"), [], 1.0),
        (("1", "0"), [], 1.0),
        (("3",), [], 0.0),
        (("new",), [put("new", 2), delete("0", 2)], 1.0),
        (("0",), [put("new", 9)], 1.0),
        (("new", "0"), [put("new", 9)], 1.0),
        (("0",), [delete("0", 2)], 0.0),
    ],
)
def test_an_answer_is_measured_by_what_was_there(
    found: tuple[str, ...], writes: list[WrittenProduct], recall: float
) -> None:
    stored = np.stack([EAST, EAST * 0.9, EAST * 0.5, -EAST])
    ((_, share),) = recalls([search(10, *found)], writes, stored, EAST[np.newaxis])
    assert share == recall


def test_a_small_run_measures_everything(run: Run, shared_data: Path) -> None:
    figures = run(
        "writing", "--data", shared_data, "--products", 300, "--seconds", 6, "--upserts", 20,
        "--deletes", 3, "--searches", 5,
    )  # fmt: skip
    assert figures["recall.minute_1"]["figure"] >= 0.97
    assert figures["deleted_but_shown"]["figure"] == 0
    assert figures["failed"]["figure"] == 0
    assert figures["writes"]["figure"] > 10
    assert figures["search.p99_to_quiet"]["limit"] == "<= 3"
