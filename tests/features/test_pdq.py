"""PDQ: upstream's hashes, complete bands, and every turn."""

import csv
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from features import hamming
from features.base import ClauseContext, Feature, Json, Picture
from features.hash_bands import bands
from features.pdq import Pdq
from tests.support.nested_index import NestedIndex
from tests.support.pictures import clothing, cropped, load, plain, resized

UPSTREAM_TOLERANCE = 16
"""Bits; what upstream's own test allows between its programs, which decode and shrink unalike."""

PICTURES = 5


def flipped(bits: str, places: set[int]) -> str:
    number = int(bits, 16)
    for place in places:
        number ^= 1 << place
    return f"{number:064x}"


def value(bits: str) -> Json:
    return {"bits": bits, "bands": bands(bits), "quality": 100}


def test_hashes_are_those_upstream_publishes(shared_data: Path) -> None:
    with (shared_data / "pdq" / "published_hashes.csv").open() as table:
        rows = list(csv.DictReader(table))
    worst = 0
    for row in rows:
        picture = load(shared_data / "pdq" / row["image"])
        got = Pdq(min_quality=0).extract([picture])[0]
        assert got is not None
        worst = max(worst, hamming.distance(got["bits"], row["published_pdq_hex"]))
    assert len(rows) > 20
    assert worst <= UPSTREAM_TOLERANCE


def test_distances_that_bands_do_not_find_are_refused() -> None:
    with pytest.raises(ValueError, match="not 32"):
        Pdq(max_distance=32)


def test_blank_picture_has_no_hash() -> None:
    blank = plain("white")
    assert Pdq().extract([blank]) == [None]
    assert Pdq().extract_query([blank]) == [None]


@pytest.mark.parametrize("turn", list(Image.Transpose), ids=lambda turn: turn.name)
def test_a_turned_or_mirrored_picture_is_found_by_a_turn(
    shared_data: Path, turn: Image.Transpose
) -> None:
    pdq = Pdq()
    for picture in clothing(shared_data, PICTURES):
        turned = picture.pixels.transpose(turn)
        stored = pdq.extract([Picture(turned, *turned.size)])[0]
        asked = pdq.extract_query([picture])[0]
        assert stored is not None
        assert asked is not None
        assert min(hamming.distance(t, stored["bits"]) for t in asked["turns"]) <= 31
        assert pdq.distance(stored, value(asked["turns"][0])) > 31


def test_resized_is_nearer_than_cropped_is_nearer_than_another(shared_data: Path) -> None:
    pdq = Pdq()
    pictures = clothing(shared_data, PICTURES)
    for picture, another in zip(pictures, pictures[1:] + pictures[:1], strict=True):
        own, small, cut, other = pdq.extract(
            [picture, resized(picture), cropped(picture, 0.05), another]
        )
        assert pdq.distance(own, small) < pdq.distance(own, cut) < pdq.distance(own, other)


def test_clause_of_a_stored_value() -> None:
    clause = Pdq().clause(value("0" * 64), ClauseContext("images.pdq"))
    terms = clause["script_score"]["query"]["bool"]["filter"][0]["terms"].pop("images.pdq.bands")
    assert len(terms) == 16 * 17
    assert terms[:4] == ["00000", "00001", "00002", "00004"]
    assert terms == sorted(set(terms))
    assert clause == {
        "script_score": {
            "query": {"bool": {"filter": [{"terms": {}}]}},
            "script": hamming.nearest_script(["0" * 64], "images.pdq.bits", 256),
            "min_score": 225 / 256,
        }
    }


def test_evidence_is_the_distance() -> None:
    assert Pdq().evidence(1 - 8 / 256) == {"distance": 8}


@pytest.mark.parametrize("turns", [1, 8])
def test_server_finds_exactly_what_brute_force_finds(
    nested_index: Callable[[Feature], NestedIndex], turns: int
) -> None:
    pdq, chance = Pdq(), random.Random(31)
    asked = [f"{chance.getrandbits(256):064x}" for _ in range(turns)]
    stored = [f"{chance.getrandbits(256):064x}" for _ in range(3000)]
    stored += [
        flipped(bits, set(chance.sample(range(256), distance)))
        for bits in asked
        for distance in range(0, 40)
    ]
    index = nested_index(pdq)
    index.put([(str(place), value(bits)) for place, bits in enumerate(stored)] + [("none", None)])

    query = value(asked[0]) if turns == 1 else {"turns": asked, "quality": 100}
    scores = index.ask(pdq.clause(query, ClauseContext(index.field)), size=1000)

    nearest = [min(hamming.distance(bits, turn) for turn in asked) for bits in stored]
    expected = {str(place): near for place, near in enumerate(nearest) if near <= 31}
    assert {id_: pdq.evidence(score)["distance"] for id_, score in scores.items()} == expected
    assert len(expected) == 32 * turns
