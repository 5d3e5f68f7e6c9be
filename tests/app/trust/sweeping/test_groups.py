"""Groups: whoever is in one matches its representative, and no pair that matches is left out."""

from collections.abc import Collection, Iterable, Mapping
from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.trust.sweeping.groups import Group, PicturePair, Rank, build_groups

PICTURES = "abcdefgh"
PAIRS = st.dictionaries(
    st.sampled_from(list(combinations(PICTURES, 2))),
    st.sampled_from([0.0, 0.3, 0.5, 0.7, 1.0]),
)
SETTLED = st.dictionaries(
    st.sampled_from(PICTURES), st.frozensets(st.sampled_from(PICTURES)), max_size=3
)


def by_age(picture: str) -> Rank:
    """The later in the alphabet, the older."""
    return (str(1000 - ord(picture)),)


def matches(pairs: dict[tuple[str, str], float]) -> list[PicturePair]:
    return [PicturePair(a, b, probability) for (a, b), probability in pairs.items()]


def grouped(
    found: Iterable[PicturePair], settled: Mapping[str, Collection[str]] | None = None
) -> list[Group]:
    return build_groups(found, 0.5, by_age, settled)


@given(PAIRS, SETTLED, st.randoms(use_true_random=False))
def test_order_of_matches_and_of_their_sides_makes_no_difference(
    pairs: dict[tuple[str, str], float], settled: dict[str, frozenset[str]], chance: Random
) -> None:
    one = matches(pairs)
    other = [PicturePair(m.b, m.a, m.probability) if chance.random() < 0.5 else m for m in one]
    chance.shuffle(other)
    assert grouped(one, settled) == grouped(other, settled)


@given(PAIRS, SETTLED)
def test_every_member_that_joins_matches_the_representative(
    pairs: dict[tuple[str, str], float], settled: dict[str, frozenset[str]]
) -> None:
    for group in grouped(matches(pairs), settled):
        for member in set(group.members) - settled.get(group.representative, frozenset()):
            pair = min(group.representative, member), max(group.representative, member)
            assert pairs[pair] >= 0.5


@given(PAIRS, SETTLED)
def test_every_pair_that_matches_is_in_some_group(
    pairs: dict[tuple[str, str], float], settled: dict[str, frozenset[str]]
) -> None:
    everyone = [{g.representative, *g.members} for g in grouped(matches(pairs), settled)]
    for pair, probability in pairs.items():
        if probability >= 0.5:
            assert any(set(pair) <= group for group in everyone)


@given(PAIRS, SETTLED)
def test_settled_groups_stay_and_what_they_cover_is_asked_of_nobody_else(
    pairs: dict[tuple[str, str], float], settled: dict[str, frozenset[str]]
) -> None:
    covered = {
        frozenset(pair)
        for representative, members in settled.items()
        for pair in combinations({representative, *members}, 2)
    }
    found = {group.representative: group for group in grouped(matches(pairs), settled)}
    for representative, members in settled.items():
        assert members - {representative} <= set(found[representative].members)
    for group in found.values():
        for member in set(group.members) - settled.get(group.representative, frozenset()):
            assert frozenset((group.representative, member)) not in covered


@given(PAIRS)
def test_groups_found_again_are_the_same(pairs: dict[tuple[str, str], float]) -> None:
    before = grouped(matches(pairs))
    settled = {group.representative: group.members for group in before}
    again = grouped(matches(pairs), settled)
    assert {group.representative: group.members for group in again} == settled


@given(PAIRS, st.sampled_from(PICTURES))
def test_newcomer_joins_a_settled_group_whose_representative_it_matches(
    pairs: dict[tuple[str, str], float], friend: str
) -> None:
    settled = {friend: ("a", "b")}
    found = grouped(
        [*matches(pairs), PicturePair("z", friend, 1.0), PicturePair("z", "a", 1.0)], settled
    )
    holding = [group.representative for group in found if "z" in group.members]
    assert holding == [friend]


def test_chain_is_held_together_by_its_middle_and_never_becomes_one_group() -> None:
    chain = [
        PicturePair("a", "b", 0.9),
        PicturePair("b", "c", 0.9),
        PicturePair("c", "d", 0.9),
        PicturePair("d", "e", 0.9),
    ]
    found = grouped(chain)
    assert found == [Group("d", ("c", "e")), Group("b", ("a", "c"))]


def test_oldest_represents_where_all_match_all() -> None:
    assert grouped([PicturePair("a", "b", 1.0)]) == [Group("b", ("a",))]
    assert grouped([PicturePair("a", "b", 1.0)], {"a": ()}) == [Group("a", ("b",))]
