"""Kinds are measured through the real index, and one seed always makes the same instances."""

import json
import random
from pathlib import Path

import pytest

from bench.data.sample_pictures import read_pictures
from bench.duplicates.case_set import CaseSet, PictureKind
from bench.duplicates.kinds import KINDS, SOURCES, write_feed
from tests.bench.conftest import Run


def make(kind: PictureKind, data: Path, count: int) -> CaseSet:
    pictures = [each.path for each in read_pictures(data) if each.set in SOURCES]
    return kind.make(pictures, count, random.Random(3))


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_a_seed_makes_the_same_instances(kind: PictureKind, shared_data: Path) -> None:
    first, second = (make(kind, shared_data, 2) for _ in range(2))
    assert first.stored == second.stored
    assert first.checks == second.checks


@pytest.mark.parametrize("kind", KINDS, ids=[kind.name for kind in KINDS])
def test_every_copy_is_a_stored_picture(kind: PictureKind, shared_data: Path) -> None:
    cases = make(kind, shared_data, 2)
    ids = {file.id for file in cases.stored}
    assert len(ids) == len(cases.stored)
    assert all(check.copies | check.others <= ids for check in cases.checks)
    assert cases.checks


def test_every_picture_is_another_sellers(shared_data: Path, tmp_path: Path) -> None:
    cases = make(KINDS[0], shared_data, 3)
    rows = [json.loads(line) for line in write_feed(tmp_path, cases).read_text().splitlines()]
    assert len({row["seller_id"] for row in rows}) == len(cases.stored) == len(rows)
    assert all((tmp_path / row["image"]).is_file() for row in rows)


def test_a_run_reports_each_kind(run: Run, shared_data: Path) -> None:
    figures = run("kinds", "--data", shared_data, "--only", "bars", "--count", 2)
    assert {"bars.missed", "bars.false", "bars.p50"} == set(figures)
    assert figures["bars.false"]["figure"] == 0
