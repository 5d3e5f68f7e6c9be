"""One dispute is one case: what joins it later, what leaves it, and what is never asked again."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.trust.desk.case import Case
from app.trust.errors import CaseTaken
from mappings.engine.gateway import Gateway
from tests.support.sweeping import Works, product

LATER = "2026-05-02T12:00:00.000+00:00"


@pytest.fixture
def works(gateway: Gateway, alias: str, tmp_path: Path) -> Works:
    return Works(gateway, alias, tmp_path)


def compared(case: Case) -> list[tuple[str, str]]:
    return [
        (member.picture.product_id, case.other_picture(member).product_id)
        for member in case.members
    ]


def test_all_pictures_of_two_listings_are_one_case(works: Works) -> None:
    works.write(product("a", 0, 50, 100), product("b", 2, 100, added_at=LATER))
    works.sweep().run(works.told)
    (case,) = works.cases()
    assert case.representative.product_id == "a"
    assert compared(case) == [("b", "a"), ("b", "a")]
    assert len({case.other_picture(member).image_id for member in case.members}) == 2


def test_oldest_picture_represents(works: Works) -> None:
    works.write(product("a", 0, added_at=LATER), product("b", 3), product("c", 1, added_at=LATER))
    works.sweep().run(works.told)
    assert works.asked() == [("same_photo", "b", ["a", "c"])]


def test_picture_that_matches_two_cases_makes_them_one(works: Works) -> None:
    works.write(product("a", 0), product("b", 1), product("c", 8), product("d", 9))
    works.sweep().run(works.told)
    assert works.asked() == [("same_photo", "a", ["b"]), ("same_photo", "c", ["d"])]
    first, second = works.cases()
    held = works.desk.claim(second.id, "aoi")
    works.write(product("e", 4.5, added_at=LATER))
    report = works.sweep().run(works.told)
    assert (report.cases.opened, report.cases.joined) == (0, 1)
    first, second = works.cases()
    assert sorted(first.product_ids) == ["a", "b", "c", "d", "e"]
    assert (second.state, second.withdrawn_because, second.merged_into) == (
        "withdrawn", "merged", first.id,
    )  # fmt: skip
    assert held.version is not None
    verdicts = {member.picture.key: "duplicate" for member in held.members}
    with pytest.raises(CaseTaken, match=first.id):
        works.desk.decide(second.id, "aoi", verdicts, version=held.version)
    assert works.decide_all() == 1
    assert works.sweep().run(works.told).cases.opened == 0


def test_picture_that_joins_a_decided_case_and_an_open_one_is_asked_about_once(
    works: Works,
) -> None:
    works.write(product("a", 0), product("b", 1))
    works.sweep().run(works.told)
    works.decide_all()
    works.write(product("c", 8, added_at=LATER), product("d", 9, added_at=LATER))
    works.sweep().run(works.told)
    later = datetime.now(UTC).isoformat()
    works.write(product("e", 4.5, added_at=later))
    works.sweep().run(works.told)
    waiting = [case for case in works.cases() if case.state == "open"]
    assert [sorted(m.picture.product_id for m in case.members) for case in waiting] == [
        ["c", "d", "e"]
    ]


def test_second_picture_of_a_decided_pair_is_not_asked_about_a_later_one_is(works: Works) -> None:
    works.write(product("a", 0, 58), product("b", 2, 50))
    works.sweep().run(works.told)
    assert works.asked() == [("same_photo", "a", ["b"])]
    works.decide_all("different")
    # Another model finds the second pictures alike, too: 8 degrees were P .2.
    works.arrows.reach = 20.0
    assert works.sweep().run(works.told).cases.opened == 0
    added = datetime.now(UTC).isoformat()
    grown, fresh = product("b", 2, 50), product("b", 80.5, added_at=added)
    works.write(product("c", 80), grown | {"images": grown["images"] + fresh["images"]})
    works.sweep().run(works.told)
    assert [case.representative.product_id for case in works.cases()] == ["a", "c"]


def test_deleted_listing_leaves_its_case_and_takes_an_empty_case_with_it(
    works: Works,
) -> None:
    works.write(
        product("a", 0), product("b", 1), product("c", 2), product("x", 90), product("y", 90)
    )
    works.sweep().run(works.told)
    works.write(product("a", 200), product("y", 250))
    works.sweep().run(works.told)
    first, second = sorted(works.cases(), key=lambda case: case.state)
    assert (first.state, first.representative.product_id, compared(first)) == (
        "open", "b", [("c", "b")],
    )  # fmt: skip
    assert (second.state, second.withdrawn_because) == ("withdrawn", "deleted")
