"""The bench of cases knows which listings are copies, and what a case asks."""

from datetime import UTC, datetime
from pathlib import Path

from app.trust.desk.case import Case, Member
from app.trust.examination.evidence import ListingPicture, PairFinding
from bench.duplicates.cases import CaseQuality, judge, read_relistings
from indexer.demo.shop_plan import plan_shop

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ORIGINALS = {"copy": "first", "again": "first", "other-copy": "other"}


def case(first: str, *pairs: tuple[str, str]) -> Case:
    members = tuple(
        Member(
            PairFinding(ListingPicture(picture, "x"), "same_photo", 0.9, 0.9),
            compared_with=ListingPicture(other, "x"),
        )
        for picture, other in pairs
    )
    return Case(first, "same_photo", ListingPicture(first, "x"), members, NOON, NOON)


def test_case_counts_by_what_it_compares() -> None:
    cases = [
        case("first", ("copy", "first"), ("again", "copy")),
        case("variant", ("other-copy", "other")),
        case("first", ("other", "first")),
    ]
    assert judge(cases, ORIGINALS) == CaseQuality(3, 2, 3, 1.0)


def test_second_case_about_one_original_is_another_decision() -> None:
    cases = [case("first", ("copy", "first")), case("copy", ("again", "copy"))]
    assert judge(cases, ORIGINALS) == CaseQuality(2, 2, 2, 2.0)
    assert judge([], ORIGINALS) == CaseQuality(0, 0, 0, 0.0)


def test_relistings_are_read_from_the_shops_table(tmp_path: Path) -> None:
    path = tmp_path / "relistings.csv"
    path.write_text("id,original_id,edit\ncopy,first,crop\n")
    assert read_relistings(path) == {"copy": "first"}


def test_another_seed_is_another_shop_and_the_same_seed_the_same() -> None:
    assert plan_shop(40, "x") == plan_shop(40, "x")
    plans = [plan_shop(40, seed) for seed in ("", "x", "y")]
    assert len({str(plan.rows) for plan in plans}) == 3
    assert len({plan.pictures[0].design.seed for plan in plans}) == 3
