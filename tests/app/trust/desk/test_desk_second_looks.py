"""Second looks are blind, go to somebody else, overrule nothing, and show who agrees."""

import pytest

from app.trust.desk.agreement import ReviewerAgreement, cohens_kappa
from app.trust.desk.case import OPEN, Case
from app.trust.desk.decision_log import LogFilter
from app.trust.desk.second_looks import QUEUE, SUFFIX, is_chosen
from app.trust.errors import CaseTaken
from mappings.engine.gateway import Gateway
from tests.support.desk import Office, case, office, party


@pytest.fixture
def at_work(gateway: Gateway, alias: str) -> Office:
    """A desk where every decided case gets a second look."""
    return office(gateway, alias, second_looks=1.0)


def looked_at_twice(at_work: Office, first: tuple[str, str], second: tuple[str, str]) -> Case:
    """Have a case decided by (reviewer, verdict), then again; return the first one."""
    (asked,) = at_work.opened(case())
    at_work.decided(asked, *first)
    given = at_work.desk.claim_next(QUEUE, second[0])
    assert given is not None
    assert given.id == asked.id + SUFFIX
    at_work.decided(given, *second)
    return asked


def test_the_share_is_kept_and_the_choice_is_the_same_every_time() -> None:
    names = [f"{number:032x}-1" for number in range(20_000)]
    chosen = [name for name in names if is_chosen(name, 0.05)]
    assert 0.04 < len(chosen) / len(names) < 0.06
    assert chosen == [name for name in names if is_chosen(name, 0.05)]
    assert not any(is_chosen(name, 0.0) for name in names)
    assert all(is_chosen(name, 1.0) for name in names)


def test_a_second_look_tells_nothing_of_the_first(at_work: Office) -> None:
    (asked,) = at_work.opened(case(party("b")))
    at_work.desk.comment(asked.id, "aoi", "clearly stolen")
    at_work.decided(asked, "aoi", "stolen_photo")
    given = at_work.desk.claim_next(QUEUE, "ben")
    assert given is not None
    assert [member.verdict for member in given.members] == [None]
    assert (given.state, given.decided_by, given.comments) == (OPEN, None, ())
    assert given.members[0].finding == asked.members[0].finding


def test_nobody_is_asked_about_their_own_decision(at_work: Office) -> None:
    (asked,) = at_work.opened(case())
    at_work.decided(asked, "aoi")
    assert at_work.desk.claim_next(QUEUE, "aoi") is None
    with pytest.raises(CaseTaken, match="another reviewer"):
        at_work.desk.claim(asked.id + SUFFIX, "aoi")
    at_work.desk.undo(asked.id, "ben")
    at_work.decided(asked, "ben")
    assert at_work.desk.claim_next(QUEUE, "ben") is None


def test_a_second_verdict_overrules_nothing_and_disagreement_is_flagged(at_work: Office) -> None:
    asked = looked_at_twice(at_work, ("aoi", "duplicate"), ("ben", "different"))
    agreed = looked_at_twice(at_work, ("aoi", "duplicate"), ("ben", "duplicate"))
    assert [m.verdict for m in at_work.desk.case(asked.id).members] == ["duplicate"]
    lines = at_work.desk.log_page(LogFilter(queue=QUEUE)).entries
    assert {e.case_id: e.disagrees for e in lines} == {
        asked.id + SUFFIX: True,
        agreed.id + SUFFIX: False,
    }
    assert [e.disagrees for e in at_work.desk.log_page(LogFilter(case_id=asked.id)).entries] == [
        None
    ]
    assert len(at_work.told) == 2
    assert {one["case"]["queue"] for one in at_work.told} == {"same_photo"}


def test_a_second_look_is_not_looked_at_a_third_time(at_work: Office) -> None:
    looked_at_twice(at_work, ("aoi", "duplicate"), ("ben", "duplicate"))
    assert at_work.desk.queue_states()[QUEUE].open == 0


def test_undoing_a_second_look_keeps_the_first_verdict(at_work: Office) -> None:
    asked = looked_at_twice(at_work, ("aoi", "duplicate"), ("ben", "different"))
    at_work.desk.undo(asked.id + SUFFIX, "ben")
    pair = (asked.representative, asked.members[0].picture)
    assert at_work.desk.decided_pairs([pair])
    assert at_work.desk.agreement() == []


def test_agreement_is_told_for_each_pair_of_reviewers(at_work: Office) -> None:
    looked_at_twice(at_work, ("aoi", "duplicate"), ("ben", "duplicate"))
    looked_at_twice(at_work, ("ben", "different"), ("aoi", "different"))
    looked_at_twice(at_work, ("ben", "different"), ("aoi", "duplicate"))
    looked_at_twice(at_work, ("aoi", "permitted"), ("chi", "permitted"))
    with_ben, with_chi = at_work.desk.agreement()
    # Aoi: duplicate, different, duplicate; Ben: duplicate, different, different.
    # p_o = 2/3; p_e = (2·1 + 1·2) / 9 = 4/9; kappa = (2/3 - 4/9) / (5/9) = 2/5.
    assert (with_ben.first, with_ben.second, with_ben.cases) == ("aoi", "ben", 3)
    assert with_ben.observed == pytest.approx(2 / 3)
    assert with_ben.kappa == pytest.approx(2 / 5)
    assert with_chi == ReviewerAgreement("aoi", "chi", 1, 1, 1.0, None)


def test_a_first_decision_taken_back_counts_for_no_agreement(at_work: Office) -> None:
    asked = looked_at_twice(at_work, ("aoi", "duplicate"), ("ben", "duplicate"))
    at_work.desk.undo(asked.id, "aoi")
    assert at_work.desk.agreement() == []


def test_kappa_of_a_published_table() -> None:
    # 50 grant proposals, yes/yes 20, yes/no 5, no/yes 10, no/no 15: observed .70, kappa .40
    # (https://en.wikipedia.org/wiki/Cohen%27s_kappa, "Simple example").
    table = {("yes", "yes"): 20, ("yes", "no"): 5, ("no", "yes"): 10, ("no", "no"): 15}
    pairs = [pair for pair, times in table.items() for _ in range(times)]
    observed, beyond_chance = cohens_kappa(pairs)
    assert observed == pytest.approx(0.7)
    assert beyond_chance == pytest.approx(0.4)
