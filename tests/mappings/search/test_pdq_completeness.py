"""Every stored PDQ hash within 31 bits is found, whatever is asked and however it is filtered."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import hamming, pdq
from features.base import ClauseContext, Json
from features.pdq import BITS, Pdq
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PICTURES

ANCHORS = 6
MEMBERS = 40
SELLERS = ("north", "south", "east")


@pytest.fixture
def registry() -> Registry:
    return Registry([Pdq()])


@pytest.fixture
def stored(catalogue: Catalogue) -> dict[str, tuple[str, str]]:
    """Products in an index: id → hash and seller; clusters of 0 to 45 bits about some anchors."""
    chance, made = random.Random(4), {}
    for anchor in range(ANCHORS):
        bits = chance.getrandbits(BITS)
        for member in range(MEMBERS):
            places = chance.sample(range(BITS), min(45, max(0, member - 5)))
            seller = SELLERS[chance.randrange(3)]
            made[f"{anchor}-{member}"] = (f"{flipped(bits, places):064x}", seller)
    documents = [
        {
            "id": key,
            "title": "",
            "seller_id": seller,
            PICTURES: [{"image_id": key, "pdq": pdq.stored_value(bits, quality=99)}],
        }
        for key, (bits, seller) in made.items()
    ]
    assert catalogue.write(documents, refresh=True) == {}
    return made


def flipped(bits: int, places: list[int]) -> int:
    for place in places:
        bits ^= 1 << place
    return bits


def test_every_hash_within_31_bits_is_found_with_filters(
    catalogue: Catalogue, stored: dict[str, tuple[str, str]]
) -> None:
    keys = sorted(stored)

    @settings(max_examples=60, deadline=None)
    @given(
        key=st.sampled_from(keys),
        places=st.lists(st.integers(0, BITS - 1), max_size=40, unique=True),
        strangers=st.lists(st.integers(0, 2**BITS - 1), max_size=7),
        turn=st.integers(0, 7),
        sellers=st.one_of(st.none(), st.sets(st.sampled_from(SELLERS), min_size=1)),
    )
    def holds(
        key: str, places: list[int], strangers: list[int], turn: int, sellers: set[str] | None
    ) -> None:
        turns = [f"{one:064x}" for one in strangers]
        turns.insert(turn, f"{flipped(int(stored[key][0], 16), places):064x}")
        expected = {}
        for one, (bits, seller) in stored.items():
            near = min(hamming.distance(bits, asked) for asked in turns)
            if near <= 31 and (sellers is None or seller in sellers):
                expected[one] = near
        assert found(catalogue, turns, sellers) == expected

    holds()


def found(catalogue: Catalogue, turns: list[str], sellers: set[str] | None) -> dict[str, float]:
    value: Json = {"turns": turns, "quality": 99}
    clause = Pdq().clause(value, ClauseContext(f"{PICTURES}.pdq"))
    answer = catalogue.search(
        {
            "size": 1000,
            "query": {
                "bool": {
                    "filter": [{"terms": {"seller_id": sorted(sellers)}}] if sellers else [],
                    "must": [{"nested": {"path": PICTURES, "score_mode": "max", "query": clause}}],
                }
            },
        }
    )
    hits = answer["hits"]["hits"]
    return {hit["_id"]: Pdq().evidence(hit["_score"])["distance"] for hit in hits}
