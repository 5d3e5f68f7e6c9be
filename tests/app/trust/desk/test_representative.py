"""A reviewer may have another picture represent a case: the evidence stays, turned round."""

import pytest

from app.trust.desk.case import Case, Member
from app.trust.desk.case_policy import CasePolicy, ListingOwner
from app.trust.desk.representative import with_representative
from app.trust.errors import CaseTaken
from core.errors import InvalidQuery
from mappings.engine.gateway import Gateway
from tests.support.desk import (
    LAID,
    Office,
    actions,
    case,
    finding,
    office,
    party,
    verdicts,
    version,
)


@pytest.fixture
def at_work(gateway: Gateway, alias: str) -> Office:
    return office(gateway, alias)


def pairs(found: Case) -> set[tuple[str, str]]:
    return {
        (member.picture.product_id, found.other_picture(member).product_id)
        for member in found.members
    }


def chain() -> Case:
    """Return a case in which b is compared with a, c with b, and d is on the side of a."""
    a, b, c, d = (party(name) for name in "abcd")
    found = case(b, representative=a)
    sellers = {"a": "s", "b": "t", "c": "u", "d": "s"}
    return Case(
        **{
            **vars(found),
            "members": (*found.members, Member(finding(c), compared_with=b)),
            "relatives": (Member(finding(d), compared_with=b),),
            "owners": {name: ListingOwner(seller) for name, seller in sellers.items()},
        }
    )


def test_evidence_is_turned_round_on_the_way_to_the_new_representative() -> None:
    before = chain()
    c = before.members[1].picture
    after = with_representative(before, c.key, CasePolicy())
    assert (after.representative, after.is_representative_fixed) == (c, True)
    assert pairs(after) == {("b", "c"), ("a", "b"), ("d", "b")}
    assert after.relatives == ()
    turned = next(member for member in after.members if member.picture.product_id == "a")
    assert turned.finding.alignment == LAID.inverted()
    assert after.pictures == before.pictures


def test_listings_of_the_new_side_are_not_asked_about() -> None:
    before = chain()
    d = before.relatives[0].picture
    after = with_representative(before, d.key, CasePolicy())
    assert pairs(after) == {("b", "d"), ("c", "b")}
    assert [member.picture.product_id for member in after.relatives] == ["a"]


def test_picture_kept_is_what_later_verdicts_are_about(at_work: Office) -> None:
    (first,) = at_work.opened(case())
    (old,) = [first.representative]
    (new,) = [member.picture for member in first.members]
    at_work.desk.claim(first.id, "aoi")
    kept = at_work.desk.keep(first.id, "aoi", new.key)
    assert (kept.representative, [m.picture for m in kept.members]) == (new, [old])
    decided = at_work.desk.decide(
        first.id, "aoi", verdicts(kept, "stolen_photo"), version=version(kept)
    )
    assert decided.members[0].verdict == "stolen_photo"
    assert at_work.desk.decided_pairs([(old, new)]) == {frozenset((old, new))}
    assert actions(at_work, first.id) == ["representative_changed", "decided"]


def test_sweep_does_not_change_what_a_reviewer_fixed(at_work: Office) -> None:
    (first,) = at_work.opened(case())
    at_work.desk.claim(first.id, "aoi")
    new = first.members[0].picture
    at_work.desk.keep(first.id, "aoi", new.key)
    at_work.desk.open_cases([first])
    assert at_work.desk.case(first.id).representative == new


def test_only_the_reviewer_who_has_the_case_may(at_work: Office) -> None:
    (first,) = at_work.opened(case())
    with pytest.raises(CaseTaken):
        at_work.desk.keep(first.id, "aoi", first.members[0].picture.key)
    at_work.desk.claim(first.id, "ben")
    with pytest.raises(CaseTaken):
        at_work.desk.keep(first.id, "aoi", first.members[0].picture.key)


def test_picture_of_another_case_is_refused(at_work: Office) -> None:
    (first,) = at_work.opened(case())
    at_work.desk.claim(first.id, "aoi")
    with pytest.raises(InvalidQuery, match="not a picture of this case"):
        at_work.desk.keep(first.id, "aoi", party("x").key)


def test_bank_entry_always_represents_its_case(at_work: Office) -> None:
    (first,) = at_work.opened(case(queue="blocked"))
    at_work.desk.claim(first.id, "aoi")
    with pytest.raises(InvalidQuery, match="cannot represent"):
        at_work.desk.keep(first.id, "aoi", first.members[0].picture.key)
