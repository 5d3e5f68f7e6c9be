"""pHash: imagehash's hashes, within ten bits."""

import random
from collections.abc import Callable
from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image

from features import hamming
from features.base import ClauseContext, Feature, Picture
from features.hash_bands import bands
from features.phash import Phash
from tests.support.nested_index import NestedIndex
from tests.support.pictures import clothing, cropped, plain, resized

PICTURES = 5


def test_hash_is_that_of_imagehash(shared_data: Path) -> None:
    for picture in clothing(shared_data, PICTURES):
        expected = str(imagehash.phash(picture.pixels))
        assert Phash().extract([picture]) == [{"bits": expected, "bands": bands(expected)}]


def test_blank_picture_has_no_hash() -> None:
    assert Phash().extract([plain("white")]) == [None]


def test_noise_on_blank_paper_has_no_hash() -> None:
    noise = np.random.default_rng(1).integers(250, 256, (300, 300, 3), np.uint8)
    assert Phash().extract([Picture(Image.fromarray(noise), 300, 300)]) == [None]


def test_resized_is_nearer_than_cropped_is_nearer_than_another(shared_data: Path) -> None:
    phash = Phash()
    pictures = clothing(shared_data, PICTURES)
    for picture, another in zip(pictures, pictures[1:] + pictures[:1], strict=True):
        own, small, cut, other = phash.extract(
            [picture, resized(picture), cropped(picture), another]
        )
        assert phash.distance(own, small) < phash.distance(own, cut) < phash.distance(own, other)


def test_clause_compares_the_pictures_with_a_near_band() -> None:
    clause = Phash().clause({"bits": "0f" * 8}, ClauseContext("images.phash"))
    terms = clause["script_score"]["query"]["bool"]["filter"][0]["terms"].pop("images.phash.bands")
    assert len(set(terms)) == 4 * (1 + 16 + 120)
    assert clause == {
        "script_score": {
            "query": {"bool": {"filter": [{"terms": {}}]}},
            "script": {
                "source": "double nearest = 64; nearest = Math.min(nearest, "
                "hamming(params.hash0, 'images.phash.bits')); return 1 - nearest / 64;",
                "params": {"hash0": "0f" * 8},
            },
            "min_score": 54 / 64,
        }
    }


def test_distances_that_bands_do_not_find_are_refused() -> None:
    with pytest.raises(ValueError, match="not 12"):
        Phash(max_distance=12)


def test_server_finds_exactly_what_brute_force_finds(
    nested_index: Callable[[Feature], NestedIndex],
) -> None:
    phash, chance = Phash(), random.Random(10)
    asked = chance.getrandbits(64)
    flips = [sum(1 << bit for bit in chance.sample(range(64), count)) for count in range(20)]
    stored = [f"{asked ^ flip:016x}" for flip in flips]
    stored += [f"{chance.getrandbits(64):016x}" for _ in range(500)]
    index = nested_index(phash)
    values = [{"bits": bits, "bands": bands(bits)} for bits in stored]
    index.put([(str(place), value) for place, value in enumerate(values)] + [("x", None)])

    scores = index.ask(phash.clause({"bits": f"{asked:016x}"}, ClauseContext(index.field)))

    apart = {str(n): hamming.distance(bits, f"{asked:016x}") for n, bits in enumerate(stored)}
    expected = {id_: distance for id_, distance in apart.items() if distance <= 10}
    assert {id_: phash.evidence(score)["distance"] for id_, score in scores.items()} == expected
