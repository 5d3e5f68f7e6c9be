"""Groups: every pair is in one, every picture to decide about is compared once, none is lost."""

from collections.abc import Callable, Iterable
from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from app.trust.desk.groups import Group, GroupMember, PicturePair, Rank, build_groups
from app.trust.examination.evidence import ListingPicture

LISTINGS = "abcdef"
PICTURES = [ListingPicture(listing, image) for listing in LISTINGS for image in "12"]
ACROSS = [(x, y) for x, y in combinations(PICTURES, 2) if x.product_id != y.product_id]

Drawn = dict[tuple[ListingPicture, ListingPicture], tuple[float, bool]]
Relatives = set[tuple[str, str]]

PAIRS = st.dictionaries(
    st.sampled_from(ACROSS), st.tuples(st.sampled_from([0.5, 0.7, 1.0]), st.booleans())
)
RELATIVES = st.sets(st.sampled_from(list(combinations(LISTINGS, 2))), max_size=4)


def by_age(picture: ListingPicture) -> Rank:
    """The later in the alphabet, the older."""
    return str(1000 - ord(picture.product_id)), picture.image_id


def belongs(relatives: Relatives) -> Callable[[str, str], bool]:
    return lambda a, b: (min(a, b), max(a, b)) in relatives


def pairs(drawn: Drawn, relatives: Relatives) -> list[PicturePair]:
    return [
        PicturePair(a, b, probability, is_decided)
        for (a, b), (probability, is_decided) in drawn.items()
        if not belongs(relatives)(a.product_id, b.product_id)
    ]


def grouped(found: Iterable[PicturePair], relatives: Relatives) -> list[Group]:
    return build_groups(found, by_age, belongs(relatives))


@given(PAIRS, RELATIVES, st.randoms(use_true_random=False))
def test_order_of_pairs_and_of_their_sides_makes_no_difference(
    drawn: Drawn, relatives: Relatives, chance: Random
) -> None:
    found = pairs(drawn, relatives)
    other = [
        PicturePair(p.b, p.a, p.probability, p.is_decided) if chance.random() < 0.5 else p
        for p in found
    ]
    chance.shuffle(other)
    assert grouped(found, relatives) == grouped(other, relatives)


@given(PAIRS, RELATIVES)
def test_every_member_is_compared_with_a_picture_that_it_matches(
    drawn: Drawn, relatives: Relatives
) -> None:
    found = pairs(drawn, relatives)
    undecided = {frozenset((p.a, p.b)) for p in found if not p.is_decided}
    for group in grouped(found, relatives):
        for member in group.members:
            assert frozenset((member.picture, member.other)) in undecided
        asked = [member.picture for member in group.members]
        assert len(asked) == len(set(asked))
        assert group.representative not in asked


@given(PAIRS, RELATIVES)
def test_pair_that_nobody_decided_is_in_a_group_with_something_to_decide(
    drawn: Drawn, relatives: Relatives
) -> None:
    undecided = {pair: (p, False) for pair, (p, _) in drawn.items()}
    found = pairs(undecided, relatives)
    groups = grouped(found, relatives)
    for pair in found:
        (group,) = [g for g in groups if pair.a.product_id in g.product_ids]
        assert pair.b.product_id in group.product_ids


@given(PAIRS)
def test_nothing_is_left_once_every_pair_is_decided(drawn: Drawn) -> None:
    decided = {pair: (p, True) for pair, (p, _) in drawn.items()}
    assert grouped(pairs(decided, set()), set()) == []


def test_copy_is_compared_with_the_variant_it_matches_best() -> None:
    old, copied = ListingPicture("f", "1"), ListingPicture("e", "1")
    copy, second = ListingPicture("a", "1"), ListingPicture("a", "2")
    found = [
        PicturePair(old, copy, 0.8), PicturePair(copied, copy, 1.0),
        PicturePair(copied, second, 0.9),
    ]  # fmt: skip
    (group,) = grouped(found, {("e", "f")})
    assert group.representative == copied
    assert group.members == (GroupMember(copy, copied), GroupMember(second, copied))
    assert [member.picture for member in group.relatives] == [old]
