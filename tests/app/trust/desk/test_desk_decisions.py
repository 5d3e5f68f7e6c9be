"""A case is decided once, by who has it, and what was said of a pair sticks; on the real engine."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.trust.desk.case import DECIDED, OPEN
from app.trust.desk.decision_log import LogFilter
from app.trust.errors import CaseTaken
from core.errors import InvalidQuery, UnknownName
from mappings.engine.gateway import Gateway
from tests.support.desk import START, Office, actions, case, office, party, verdicts, version


@pytest.fixture
def at_work(gateway: Gateway, alias: str) -> Office:
    return office(gateway, alias)


def test_a_decision_is_kept_with_who_when_and_under_which_policy(
    gateway: Gateway, alias: str
) -> None:
    at_work = office(gateway, alias, policy="2026-11")
    (asked,) = at_work.opened(case(party("b"), party("c")))
    held = at_work.desk.claim(asked.id, "aoi")
    said = dict(zip(verdicts(held), ("duplicate", "different"), strict=True))
    at_work.desk.decide(asked.id, "aoi", said, version=version(held), comment="same hand")
    kept = at_work.desk.case(asked.id)
    assert (kept.state, kept.decided_by, kept.policy) == (DECIDED, "aoi", "2026-11")
    assert kept.decided_at == at_work.clock.at
    assert [member.verdict for member in kept.members] == ["duplicate", "different"]
    assert kept.claimed_by is None
    (entry,) = at_work.desk.log_page(LogFilter(case_id=asked.id)).entries
    assert (entry.reviewer, entry.action, entry.comment) == ("aoi", "decided", "same hand")
    assert (entry.verdicts, entry.policy, entry.queue) == (said, "2026-11", "same_photo")


def test_a_case_decided_meanwhile_is_refused_with_who_and_when(at_work: Office) -> None:
    (asked,) = at_work.opened(case())
    seen = at_work.desk.claim(asked.id, "aoi")
    at_work.clock.pass_by(minutes=16)
    decided = at_work.decided(asked, "ben", "permitted")
    with pytest.raises(CaseTaken, match="ben decided this case") as refused:
        at_work.desk.decide(asked.id, "aoi", verdicts(seen), version=version(seen))
    assert (refused.value.reviewer, refused.value.at) == ("ben", decided.decided_at)
    assert [m.verdict for m in at_work.desk.case(asked.id).members] == ["permitted"]


def test_only_who_has_the_case_decides_it(at_work: Office) -> None:
    (asked,) = at_work.opened(case())
    seen = at_work.desk.case(asked.id)
    with pytest.raises(CaseTaken, match="you do not have this case"):
        at_work.desk.decide(asked.id, "aoi", verdicts(seen), version=version(seen))


def test_a_case_that_grew_while_it_was_looked_at_is_shown_again(at_work: Office) -> None:
    (asked,) = at_work.opened(case())
    held = at_work.desk.claim(asked.id, "aoi")
    at_work.opened(case(party("late"), representative=asked.representative))
    with pytest.raises(CaseTaken, match="has changed since"):
        at_work.desk.decide(asked.id, "aoi", verdicts(held), version=version(held))
    grown = at_work.desk.claim(asked.id, "aoi")
    assert len(grown.members) == 2
    at_work.desk.decide(asked.id, "aoi", verdicts(grown), version=version(grown))


def test_the_same_decision_sent_twice_counts_once(at_work: Office) -> None:
    (asked,) = at_work.opened(case())
    held = at_work.desk.claim(asked.id, "aoi")
    for _ in range(2):
        at_work.desk.decide(asked.id, "aoi", verdicts(held), version=version(held))
    assert actions(at_work, asked.id) == ["decided"]
    with pytest.raises(CaseTaken, match="aoi decided"):
        at_work.desk.decide(asked.id, "aoi", verdicts(held, "different"), version=version(held))


def test_every_member_needs_a_verdict_that_somebody_knows(at_work: Office) -> None:
    (asked,) = at_work.opened(case(party("b"), party("c")))
    held = at_work.desk.claim(asked.id, "aoi")
    one = held.members[0].picture.key
    for said, error in (
        ({one: "duplicate"}, InvalidQuery),
        ({**verdicts(held), "0:stranger": "duplicate"}, InvalidQuery),
        ({**verdicts(held), one: "perhaps"}, UnknownName),
    ):
        with pytest.raises(error):
            at_work.desk.decide(asked.id, "aoi", said, version=version(held))
    assert at_work.desk.case(asked.id).state == OPEN


def test_a_preview_counts_and_names_and_changes_nothing(at_work: Office) -> None:
    b, c, d = party("b"), party("c"), party("d")
    (asked,) = at_work.opened(case(b, c, d))
    seen = at_work.desk.preview(asked.id, {b.key: "duplicate", c.key: "duplicate"})
    assert seen.counts == {"duplicate": 2, "stolen_photo": 0, "permitted": 0, "different": 0}
    assert seen.products["duplicate"] == ("b", "c")
    assert seen.undecided == (d,)
    assert at_work.desk.case(asked.id) == asked


def test_undo_opens_the_case_again_and_takes_its_verdicts_back(at_work: Office) -> None:
    b = party("b")
    (asked,) = at_work.opened(case(b))
    pair = (asked.representative, b)
    at_work.decided(asked, "aoi")
    assert at_work.desk.decided_pairs([pair]) == {frozenset(pair)}
    undone = at_work.desk.undo(asked.id, "ben")
    assert at_work.desk.decided_pairs([pair]) == set()
    assert (undone.state, undone.claimed_by, undone.round) == (OPEN, "ben", 1)
    assert [member.verdict for member in undone.members] == [None]
    assert (undone.decided_by, undone.decided_at, undone.policy) == (None, None, None)
    with pytest.raises(CaseTaken, match="nothing to undo"):
        at_work.desk.undo(asked.id, "ben")
    at_work.decided(asked, "ben", "different")
    assert at_work.desk.decided_pairs([pair]) == {frozenset(pair)}
    assert actions(at_work, asked.id) == ["decided", "undone", "decided"]
    last, undo, first = at_work.desk.log_page(LogFilter(case_id=asked.id)).entries
    assert (undo.undoes, undo.verdicts) == (first.id, {b.key: "duplicate"})
    assert last.verdicts == {b.key: "different"}


def test_undo_spares_what_another_case_said_of_the_pair_since(at_work: Office) -> None:
    a, b = party("a"), party("b")
    one, other = at_work.opened(
        case(b, representative=a), case(a, representative=b, queue="same_file")
    )
    at_work.decided(one, "aoi", "duplicate")
    at_work.decided(other, "ben", "different")
    at_work.desk.undo(one.id, "aoi")
    assert at_work.desk.decided_pairs([(a, b)]) == {frozenset((a, b))}


def test_verdicts_are_found_whichever_way_round_and_in_bulk(at_work: Office) -> None:
    members = [party(f"m{number}") for number in range(1200)]
    (asked,) = at_work.opened(case(*members))
    at_work.decided(asked, "aoi")
    pairs = [(one, asked.representative) for one in members]
    strangers = [(party("x"), party("y")) for _ in range(50)]
    assert at_work.desk.decided_pairs([*pairs, *strangers]) == {frozenset(pair) for pair in pairs}
    assert at_work.desk.decided_pairs([]) == set()


def test_verdicts_outlive_their_case(at_work: Office, gateway: Gateway, alias: str) -> None:
    (asked,) = at_work.opened(case(b := party("b")))
    at_work.decided(asked, "aoi")
    gateway.delete_index(f"{alias}-cases")
    later = office(gateway, alias)
    assert later.desk.decided_pairs([(b, asked.representative)])


def test_comments_are_kept_on_open_and_decided_cases(at_work: Office) -> None:
    (asked,) = at_work.opened(case())
    at_work.desk.comment(asked.id, "aoi", "asked the seller")
    at_work.decided(asked, "ben")
    after = at_work.desk.comment(asked.id, "aoi", "they answered")
    assert [(one["reviewer"], one["text"]) for one in after.comments] == [
        ("aoi", "asked the seller"),
        ("aoi", "they answered"),
    ]
    assert (after.state, after.decided_by) == (DECIDED, "ben")
    for text in ("", "   ", "x" * 4001):
        with pytest.raises(InvalidQuery):
            at_work.desk.comment(asked.id, "aoi", text)


def test_many_reviewers_never_get_one_case_and_decide_each_once(
    gateway: Gateway, alias: str
) -> None:
    offices = [office(gateway, alias) for _ in range(8)]
    cases = [case(opened_at=START - timedelta(minutes=number)) for number in range(60)]
    offices[0].opened(*cases)

    def drain(number: int) -> list[str]:
        at_work, name, done = offices[number], f"reviewer-{number}", []
        while given := at_work.desk.claim_next("same_photo", name):
            assert given.claimed_by == name
            done.append(given.id)
            at_work.desk.decide(given.id, name, verdicts(given), version=version(given))
        return done

    with ThreadPoolExecutor(8) as pool:
        drained = list(pool.map(drain, range(8)))
    assert Counter(name for done in drained for name in done) == Counter(
        dict.fromkeys((one.id for one in cases), 1)
    )
    entries = offices[0].desk.log_page(LogFilter(action="decided"), size=100).entries
    assert Counter(entry.case_id for entry in entries) == Counter(
        dict.fromkeys((one.id for one in cases), 1)
    )
    assert {e.case_id: e.reviewer for e in entries} == {
        name: f"reviewer-{number}" for number, done in enumerate(drained) for name in done
    }


def test_of_many_decisions_on_one_case_exactly_one_stands(gateway: Gateway, alias: str) -> None:
    offices = [office(gateway, alias) for _ in range(6)]
    (asked,) = offices[0].opened(case())

    def decide(number: int) -> str | None:
        at_work, name = offices[number], f"reviewer-{number}"
        try:
            at_work.decided(asked, name)
        except CaseTaken:
            return None
        return name

    with ThreadPoolExecutor(6) as pool:
        stood = [name for name in pool.map(decide, range(6)) if name]
    assert len(stood) == 1
    assert offices[0].desk.case(asked.id).decided_by == stood[0]
    assert actions(offices[0], asked.id) == ["decided"]
