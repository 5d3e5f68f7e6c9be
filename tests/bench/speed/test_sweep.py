"""The sweep bench knows what it planted, and counts what was found of it."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.trust.desk.case import Case, Member
from app.trust.examination.evidence import ListingPicture, PairFinding
from bench.speed.sweep import (
    EDITS,
    VERY_FILE,
    CaseRecall,
    CopiedFeed,
    compare_cases,
    write_copied_feed,
)
from core.errors import InvalidSetting

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def case(first: str, *others: str) -> Case:
    members = tuple(
        Member(PairFinding(ListingPicture(key, "x"), "same_photo", 0.9, 0.9)) for key in others
    )
    return Case(first, "same_photo", ListingPicture(first, "x"), members, NOON, NOON)


def test_feed_holds_originals_and_as_many_copies_as_asked_for(tmp_path: Path) -> None:
    grown = write_copied_feed(tmp_path, 20, 0.4, [])
    rows = [json.loads(line) for line in grown.feed.read_text().splitlines()]
    assert [row["id"] for row in rows] == list(grown.family)
    copies = [key for key, original in grown.family.items() if key != original]
    assert len(copies) == 8
    assert set(grown.edits) == set(copies)
    assert set(grown.edits.values()) == {*EDITS, VERY_FILE}
    assert {grown.family[key] for key in copies} <= set(grown.family) - set(copies)
    files = [hashlib.sha256((tmp_path / row["image_link"]).read_bytes()).digest() for row in rows]
    # Every sixth copy is the very file, of whatever it copies.
    assert 18 <= len(set(files)) < 20


def test_too_few_pictures_are_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting, match="12 originals"):
        write_copied_feed(tmp_path, 20, 0.4, [tmp_path / "one.jpg"])


def test_cases_are_counted_against_the_truth() -> None:
    family = {"a": "a", "a1": "a", "a2": "a", "b": "b", "b1": "b", "c": "c"}
    grown = CopiedFeed(Path("feed"), family, {"a1": "crop", "a2": "file", "b1": "crop"})
    assert compare_cases([case("a", "a1"), case("b", "c")], grown) == CaseRecall(
        2, 5, 1, {"crop": 0.5, "file": 0}
    )
    assert compare_cases([case("a1", "a", "a2"), case("b", "b1")], grown) == CaseRecall(
        5, 5, 0, {"crop": 1, "file": 1}
    )
    assert compare_cases([], CopiedFeed(Path("feed"), {"a": "a"}, {})) == CaseRecall(0, 0, 0, {})
