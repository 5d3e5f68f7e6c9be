"""The pairs of listings that matching pictures make, as far as they are a dispute."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product

from app.trust.desk.case_policy import CasePolicy, ListingOwner
from app.trust.desk.groups import PicturePair
from app.trust.examination.evidence import ListingPicture
from app.trust.sweeping.earlier_answers import JOINED, PARTED
from app.trust.sweeping.match_graph import MatchGraph
from app.trust.sweeping.stored_picture_examiner import ListingsByImage
from mappings.catalogue.scan import PictureListing

MOST_PAIRS = 2500
"""Pairs of listings of two pictures up to which all are made; of more, each listing is in some."""

AS_LIKELY = 0.01
"""Difference of two probabilities up to which both matches count as the likeliest.

Colour variants of one thing often match the copy of one of them: on a drawn shop at .858 to .964,
beside .996 to .999 for the picture that was copied.
"""

CERTAIN = 0.8
"""P(same photo) from which two pictures of one seller count as one that it shares."""


def owner(listing: PictureListing) -> ListingOwner:
    """Return whose listing it is."""
    return ListingOwner(listing.seller_id, listing.item_group_id)


def listing_pairs(
    graph: MatchGraph,
    listings: ListingsByImage,
    policy: CasePolicy,
    relation: Callable[[ListingPicture, ListingPicture], str],
) -> Iterator[PicturePair]:
    """Yield the pairs that are a dispute under the policy and were not parted by a reviewer.

    Of the variants of one product (`item_group_id`) that a picture matches, the likeliest counts.
    """
    pairs = list(_all_pairs(graph, listings, policy))
    groups = {
        listing.product_id: listing.item_group_id or f"listing:{listing.product_id}"
        for shown in listings.values()
        for listing in shown
    }
    best: dict[tuple[ListingPicture, str], float] = {}
    for pair in pairs:
        for picture, other in ((pair.a, pair.b), (pair.b, pair.a)):
            key = picture, groups[other.product_id]
            best[key] = max(best.get(key, 0.0), pair.probability)
    for pair in pairs:
        likeliest = max(
            best[pair.a, groups[pair.b.product_id]], best[pair.b, groups[pair.a.product_id]]
        )
        if pair.probability < likeliest - AS_LIKELY:
            continue
        if (state := relation(pair.a, pair.b)) != PARTED:
            yield replace(pair, is_decided=state == JOINED)


def _all_pairs(
    graph: MatchGraph, listings: ListingsByImage, policy: CasePolicy
) -> Iterator[PicturePair]:
    for a in sorted(graph.pictures & listings.keys()):
        same_file = {a: 1.0} if graph.pairs_same_file else {}
        for b, probability in (same_file | dict(graph.near(a))).items():
            if b < a or b not in listings:
                continue
            for first, second in _disputes(listings[a], listings[b], policy, a == b):
                pair = ListingPicture(first.product_id, a), ListingPicture(second.product_id, b)
                yield PicturePair(*pair, probability)


def _disputes(
    first: Sequence[PictureListing],
    second: Sequence[PictureListing],
    policy: CasePolicy,
    is_same: bool,
) -> Iterator[tuple[PictureListing, PictureListing]]:
    def is_dispute(pair: tuple[PictureListing, PictureListing]) -> bool:
        a, b = pair
        return a.product_id != b.product_id and policy.opens(owner(a), owner(b))

    if len(first) * len(second) > MOST_PAIRS:
        # The oldest, and the oldest it is a dispute with, reach every listing that matters.
        oldest = min(first, key=_age)
        against = [other for other in second if is_dispute((oldest, other))]
        hubs = [oldest, *([min(against, key=_age)] if against else [])]
        pairs = [(hubs[0], other) for other in second] + [
            (other, hub) for hub in hubs[1:] for other in first
        ]
        yield from filter(is_dispute, pairs)
    else:
        every = combinations(first, 2) if is_same else product(first, second)
        yield from filter(is_dispute, every)


def shared_pictures(graph: MatchGraph, listings: ListingsByImage, policy: CasePolicy) -> set[str]:
    """Return the pictures that one seller shares among its products: size charts, brand cards.

    They are shown beside at least `policy.shared_from` different first pictures of that many
    products of one seller, as one file or as several that are the same photo.
    """
    return {
        image
        for image in graph.pictures
        if policy.shared_from and _is_shared(image, graph, listings, policy.shared_from)
    }


def _is_shared(image: str, graph: MatchGraph, listings: ListingsByImage, least: int) -> bool:
    copies = {image, *(other for other, p in graph.near(image).items() if p >= CERTAIN)}
    products: dict[str, set[str]] = {}
    beside: dict[str, set[str]] = {}
    for copy in copies:
        for listing in listings.get(copy, ()):
            if listing.seller_id is not None and listing.first_image_id not in copies:
                key = listing.item_group_id or f"listing:{listing.product_id}"
                products.setdefault(listing.seller_id, set()).add(key)
                beside.setdefault(listing.seller_id, set()).add(listing.first_image_id)
    return any(min(len(products[seller]), len(beside[seller])) >= least for seller in products)


def _age(listing: PictureListing) -> tuple[str, str]:
    return listing.added_at, listing.product_id
