"""Cases are opened once however many sweeps run, and grow without losing anything."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.trust.desk.case import Case, Member
from app.trust.desk.intake import OpenedCases, case_id
from mappings.engine.gateway import Gateway
from tests.support.desk import Office, case, finding, office, party


@pytest.fixture
def at_work(gateway: Gateway, alias: str) -> Office:
    return office(gateway, alias)


def grown(first: Case, *names: str) -> Case:
    members = tuple(Member(finding(party(name))) for name in names)
    return replace(first, members=first.members + members)


def test_a_sweep_run_twice_opens_each_case_once(at_work: Office) -> None:
    cases = [case(), case(), case()]
    assert at_work.desk.open_cases(cases) == OpenedCases(opened=3)
    assert at_work.desk.open_cases(cases) == OpenedCases(unchanged=3)
    assert at_work.desk.queue_states()["same_photo"].open == 3


def test_new_members_join_an_open_case_and_raise_its_queue(at_work: Office) -> None:
    first = case(queue="same_product", probability=0.6)
    at_work.opened(first)
    at_work.clock.pass_by(hours=1)
    late = Member(finding(party("late"), 0.99))
    assert at_work.desk.open_cases(
        [replace(first, members=(late,), queue="same_file"), case()]
    ) == OpenedCases(opened=1, joined=1)
    joined = at_work.desk.case(first.id)
    assert joined.members == (*first.members, late)
    assert (joined.queue, joined.probability) == ("same_file", 0.99)
    assert joined.opened_at == first.opened_at
    assert joined.updated_at == at_work.clock.at


def test_joining_leaves_the_case_on_the_desk_it_lies_on(at_work: Office) -> None:
    (first,) = at_work.opened(case())
    at_work.desk.claim(first.id, "aoi")
    at_work.desk.open_cases([grown(first, "late")])
    assert at_work.desk.case(first.id).claimed_by == "aoi"


def test_two_sweeps_at_once_double_no_case_and_lose_no_member(gateway: Gateway, alias: str) -> None:
    offices = [office(gateway, alias) for _ in range(4)]
    shared = [case() for _ in range(10)]
    swept = [[grown(one, f"found-by-{number}") for one in shared] for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda at, cases: at.desk.open_cases(cases), offices, swept))
    assert sum(report.opened for report in reports) == 10
    assert sum(report.joined for report in reports) == 30
    for number, one in enumerate(shared):
        kept = {member.picture for member in offices[0].desk.case(one.id).members}
        assert kept == {m.picture for cases in swept for m in cases[number].members}


def test_rounds_tell_the_last_one_decided(at_work: Office) -> None:
    first, other = at_work.opened(case(), case())
    keys = (first.representative, other.representative, party("unknown"))
    assert list(at_work.desk.last_rounds(keys).values()) == [0, 0, 0]
    at_work.decided(first, "aoi")
    assert list(at_work.desk.last_rounds(keys).values()) == [1, 0, 0]
    second = case(representative=first.representative, number=2)
    at_work.opened(second)
    assert at_work.desk.last_rounds(keys)[first.representative.key] == 1
    at_work.decided(second, "aoi")
    assert at_work.desk.last_rounds(keys)[first.representative.key] == 2


def test_a_decided_case_takes_nobody_in_the_next_round_does(at_work: Office) -> None:
    (first,) = at_work.opened(case())
    decided = at_work.decided(first, "aoi")
    assert at_work.desk.open_cases([first]) == OpenedCases(unchanged=1)
    assert at_work.desk.open_cases([grown(first, "late")]) == OpenedCases(opened=1)
    assert at_work.desk.case(first.id) == decided
    following = at_work.desk.case(case_id(first.representative, 2))
    assert [member.picture.product_id for member in following.members] == ["late"]
    assert (following.round, following.state) == (2, "open")


def test_ids_depend_on_nothing_but_representative_and_round() -> None:
    one = party("a")
    assert case_id(one, 1) == case_id(replace(one), 1)
    assert len({case_id(one, 1), case_id(one, 2), case_id(party("a"), 1)}) == 3
