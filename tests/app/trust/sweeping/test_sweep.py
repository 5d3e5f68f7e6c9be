"""A sweep finds what belongs together, asks once, and survives being killed."""

import json
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import pytest

from app.trust.desk.case import VERDICTS
from app.trust.sweeping.case_thresholds import CaseThresholds
from core.errors import Busy, EngineUnavailable, InvalidQuery
from core.locks import process_lock
from mappings.catalogue import scan
from mappings.engine.gateway import Gateway
from tests.support.engine import Engine
from tests.support.sweeping import Silent, Works, image, product

LATER = "2026-05-02T12:00:00.000+00:00"


@pytest.fixture
def works(gateway: Gateway, alias: str, tmp_path: Path) -> Works:
    return Works(gateway, alias, tmp_path)


def test_group_is_one_case_and_each_picture_is_compared_with_what_it_matches(works: Works) -> None:
    works.write(*(product(f"p{n}", 4.0 * n) for n in range(4)), product("other", 90))
    report = works.sweep().run(works.told)
    # 4 degrees are P .6, 8 are P .2: only neighbours match.
    assert works.asked() == [("same_photo", "p0", ["p1", "p2", "p3"])]
    (case,) = works.cases()
    compared = [
        (member.picture.product_id, case.other_picture(member).product_id)
        for member in case.members
    ]
    assert compared == [("p1", "p0"), ("p2", "p1"), ("p3", "p2")]
    assert (report.pictures, report.skipped, report.cases.opened, report.exit_code) == (5, 0, 1, 0)
    assert works.told.done == 5


def test_same_file_of_many_listings_is_examined_once(works: Works) -> None:
    works.write(*(product(f"p{n}", 0, added_at=LATER) for n in range(5)), product("z", 0, 2))
    works.sweep().run(works.told)
    assert works.arrows.examined == {image(0): 1, image(2): 1}
    everyone = [f"p{n}" for n in range(5)]
    # The oldest listing represents; its other picture is its own affair.
    assert works.asked() == [("same_file", "z", everyone)]


def test_member_lies_over_the_representative_whoever_was_examined(works: Works) -> None:
    works.write(product("a", 0), product("b", 3, added_at=LATER))
    works.sweep().run(works.told)
    (case,) = works.cases()
    (member,) = case.members
    assert (case.representative.image_id, member.picture.image_id) == (image(0), image(3))
    assert member.finding.p_same_photo == pytest.approx(0.7)


@pytest.mark.parametrize("verdict", VERDICTS)
def test_sweep_after_all_cases_are_decided_opens_none(works: Works, verdict: str) -> None:
    works.write(
        *(product(f"p{n}", 3.0 * n) for n in range(8)),
        *(product(f"q{n}", 50) for n in range(4)),
        product("r", 50, 53, 0),
        *(product(f"s{n}", 100 + n, 140 + n) for n in range(3)),
    )
    first = works.sweep().run(works.told)
    assert first.cases.opened == works.decide_all(verdict) == 2
    again = works.sweep().run(works.told)
    assert (again.cases.opened, again.cases.joined) == (0, 0)
    assert works.decide_all(verdict) == 0


def test_sweep_before_cases_are_decided_changes_nothing(works: Works) -> None:
    works.write(product("a", 0), product("b", 1), product("c", 1))
    works.sweep().run(works.told)
    before = works.cases()
    again = works.sweep().run(works.told)
    assert (again.cases.opened, again.cases.joined) == (0, 0)
    assert works.cases() == before


def test_newcomer_is_asked_about_alone_beside_the_same_representative(works: Works) -> None:
    works.write(product("a", 2), product("b", 0), product("c", 4))
    works.sweep().run(works.told)
    assert works.asked() == [("same_photo", "a", ["b", "c"])]
    works.decide_all()
    # Now b and c have a match more than a has pairs left; a represents all the same.
    works.write(product("d", 1, added_at=LATER), product("e", 3, added_at=LATER))
    works.sweep().run(works.told)
    assert works.asked() == [("same_photo", "a", ["b", "c"]), ("same_photo", "a", ["d", "e"])]
    assert [case.round for case in works.cases()] == [1, 2]


def test_undone_decision_is_asked_again_in_the_same_case(works: Works) -> None:
    works.write(product("a", 0), product("b", 1))
    works.sweep().run(works.told)
    works.decide_all()
    (case,) = works.cases()
    works.desk.undo(case.id, "aoi")
    report = works.sweep().run(works.told)
    assert (report.cases.opened, report.cases.unchanged) == (0, 1)


def test_verdict_outlives_the_listing_that_represented(works: Works, gateway: Gateway) -> None:
    works.write(product("a", 0), product("b", 0, added_at=LATER), product("c", 2, added_at=LATER))
    works.sweep().run(works.told)
    assert works.asked() == [("same_file", "a", ["b", "c"])]
    works.decide_all()
    works.write(product("a", 80))
    works.sweep().run(works.told)
    assert len(works.cases()) == 1


def test_allowed_picture_makes_no_case_and_a_blocked_one_makes_its_own(works: Works) -> None:
    works.write(
        product("a", 0), product("b", 0), product("c", 1), product("d", 50), product("e", 50)
    )
    works.lists.banks = {image(0): "allowed", image(50): "blocked"}
    report = works.sweep().run(works.told)
    assert report.allowed == 1
    assert works.asked() == [
        ("blocked", "bank:blocked-x", ["d", "e"]),
        ("same_file", "d", ["e"]),
    ]
    works.decide_all()
    assert works.sweep().run(works.told).cases.opened == 0


def test_one_picture_in_very_many_listings_is_one_case_of_the_first(works: Works) -> None:
    works.write(*(product(f"p{n:02d}", 0) for n in range(12)), product("q", 2))
    opening = CaseThresholds(flood=5)
    works.sweep(opening).run(works.told)
    assert works.asked() == [("flood", "p00", ["p01", "p02", "p03", "p04", "p05"])]
    (case,) = works.cases()
    assert "13 listings" in case.comments[0]["text"]
    works.decide_all()
    assert works.sweep(opening).run(works.told).cases.opened == 0


def test_crowd_of_one_file_hides_no_near_duplicate(works: Works) -> None:
    works.write(
        *(product(f"{key}{n:02d}", at) for n in range(30) for key, at in (("p", 0), ("q", 2)))
    )
    works.sweep(CaseThresholds(flood=100)).run(works.told)
    (case,) = works.cases()
    assert {member.picture.image_id for member in case.members} == {image(0), image(2)}
    assert len(case.members) == 59


def test_broken_picture_is_skipped_and_named(works: Works) -> None:
    works.write(product("a", 0, 5), product("b", 1), product("c", 40))
    works.arrows.broken = {image(40)}
    works.lost = {image(5)}
    report = works.sweep().run(works.told)
    assert (report.pictures, report.skipped, report.exit_code) == (4, 2, 1)
    assert report.skipped_file is not None
    lines = [json.loads(line) for line in report.skipped_file.read_text().splitlines()]
    assert sorted(line["party"][0] for line in lines) == ["a", "c"]
    assert any(image(40) in line and "product c" in line for line in works.told.said)
    assert works.asked() == [("same_photo", "a", ["b"])]


def test_look_alikes_are_asked_about_only_when_wanted(works: Works) -> None:
    works.write(product("a", 0), product("b", 2), product("c", 8))
    works.sweep().run(works.told)
    photo = ("same_photo", "a", ["b"])
    assert works.asked() == [photo]
    similar = CaseThresholds(similar=True)
    works.sweep(similar).run(works.told)
    assert works.asked() == [photo, ("same_product", "a", ["b", "c"])]
    works.decide_all()
    assert works.sweep(similar).run(works.told).cases.opened == 0


def test_only_pictures_added_since_are_examined(works: Works) -> None:
    works.write(product("a", 0), product("b", 1), product("c", 1, added_at=LATER))
    works.sweep().run(works.told, since=datetime(2026, 5, 2, tzinfo=UTC))
    assert works.arrows.examined == {image(1): 1}
    assert works.asked() == [("same_photo", "a", ["b", "c"])]


def test_engine_that_is_away_for_a_while_is_waited_for_and_then_given_up(works: Works) -> None:
    works.write(product("a", 0), product("b", 1))
    works.arrows.failures = 3
    assert works.sweep().run(works.told).cases.opened == 1
    assert works.pauses == [1, 4, 16]
    works.arrows.failures = 5
    with pytest.raises(EngineUnavailable):
        works.sweep().run(works.told)
    assert works.sweep().run(works.told).cases.unchanged == 1


def test_two_sweeps_at_once_are_refused(works: Works) -> None:
    with (
        process_lock(works.folder / "sweeps" / "lock", "a sweep"),
        pytest.raises(Busy, match="a sweep"),
    ):
        works.sweep().run(works.told)


def killed(engine: Engine, alias: str, folder: Path, fatal: str) -> None:
    """Sweep until the process is killed at a picture."""
    scan.PAGE_SIZE = 3
    scan.scan_pictures.__kwdefaults__["size"] = 3
    gateway = Gateway(engine.url, basic_auth=(engine.user, engine.password))
    works = Works(gateway, alias, folder)
    works.arrows.fatal = fatal
    works.sweep().run(Silent())


@pytest.mark.parametrize("at", [0, 7, 19])
def test_killed_sweep_goes_on_and_doubles_nothing(
    engine: Engine, works: Works, alias: str, at: int
) -> None:
    works.write(*(product(f"p{n:02d}", 20.0 * (n // 2) + n % 2) for n in range(20)))
    fatal = image(20.0 * (at // 2) + at % 2)
    process = get_context("spawn").Process(target=killed, args=(engine, alias, works.folder, fatal))
    process.start()
    process.join(60)
    assert process.exitcode == -9
    report = works.sweep().run(works.told)
    assert report.pictures == 20
    assert works.asked() == [
        ("same_photo", f"p{n:02d}", [f"p{n + 1:02d}"]) for n in range(0, 20, 2)
    ]
    if at == 19:
        assert len(works.arrows.examined) < 20
        assert any(line.startswith("going on") for line in works.told.said)


def test_unfinished_sweep_is_not_gone_on_with_as_something_else(
    engine: Engine, works: Works, alias: str
) -> None:
    works.write(product("a", 0), product("b", 1))
    process = get_context("spawn").Process(
        target=killed, args=(engine, alias, works.folder, image(1))
    )
    process.start()
    process.join(60)
    with pytest.raises(InvalidQuery, match="--restart"):
        works.sweep(CaseThresholds(similar=True)).run(works.told)
    assert works.sweep(CaseThresholds(similar=True)).run(works.told, restart=True).pictures == 2
