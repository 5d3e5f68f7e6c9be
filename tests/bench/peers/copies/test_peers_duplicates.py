"""The peers' benches, small, on real pictures and in a process of their own."""

from pathlib import Path

import numpy as np
import pytest

from bench.data import sample_pictures
from bench.peers.copies import thorn_transforms
from bench.peers.copies.peers_duplicates import choose_pictures, distinct_pairs
from bench.peers.copies.thorn_transforms import TRANSFORMS
from tests.bench.conftest import Run
from tests.support.pictures import clothing

ATTACKS = 22


def test_peers_are_compared_on_copies_and_on_all_pairs(run: Run, shared_data: Path) -> None:
    figures = run(
        "peers-duplicates", "--data", shared_data, "--limit", 3, "--others", 8,
        "--only", "pdq", "--only", "image-match", "--processes", 1,
    )  # fmt: skip
    assert figures["pdq.jpeg_q30.usual"]["figure"] == 1.0
    assert figures["pdq.hflip.usual"]["figure"] == 0.0
    assert figures["pdq.usual_limit"]["figure"] == 31
    assert figures["pdq.bytes"]["figure"] == 32
    assert figures["pdq.all.no_mistake"]["figure"] >= figures["pdq.all.usual"]["figure"]
    assert figures["image-match.picture"]["figure"] > 0
    assert figures["image-match.false_pairs"]["sizes"]["pairs"] == 8 * 7 / 2
    assert sum(name.startswith("pdq.") for name in figures) == 2 * ATTACKS + 8


def test_thorn_reports_every_transform_and_all_together(run: Run, shared_data: Path) -> None:
    figures = run("thorn", "--data", shared_data, "--limit", 4, "--only", "pdq", "--processes", 1)
    assert set(figures) == {f"pdq.{name}.recall" for name in (*TRANSFORMS, "all")}
    assert figures["pdq.noop.recall"]["figure"] == 1.0
    assert figures["pdq.gamma2.recall"]["figure"] == 1.0


def test_transforms_have_the_published_sizes(shared_data: Path) -> None:
    (picture,) = clothing(shared_data, 1)
    made = thorn_transforms.transform_files(np.asarray(picture.pixels), seed=1)
    shapes = {name: thorn_transforms.decode_jpeg(data).shape[:2] for name, data in made.items()}
    height, width = shapes["noop"]
    assert max(height, width) == 256
    assert shapes["pad0.2"] == (height + 2 * round(0.2 * height), width)
    assert shapes["crop0.05"] == (
        height - 2 * round(0.05 * height),
        width - 2 * round(0.05 * width),
    )
    assert shapes["resize0.5"] == (round(height / 2), round(width / 2))
    same = set(TRANSFORMS) - {"pad0.2", "crop0.05", "resize0.5"}
    assert {shapes[name] for name in same} == {(height, width)}
    assert len(made["jpeg95"]) < len(made["noop"])


@pytest.mark.parametrize("name", sorted(set(TRANSFORMS) - {"noop"}))
def test_transform_is_always_the_same(name: str, shared_data: Path) -> None:
    (picture,) = clothing(shared_data, 1)
    pixels = np.asarray(picture.pixels)
    once, again = (TRANSFORMS[name](pixels, np.random.default_rng(1)) for _ in range(2))
    assert once.dtype == np.uint8
    assert np.array_equal(once, again)
    assert once.shape != pixels.shape or not np.array_equal(once, pixels)


def test_pictures_judged_to_be_one_photo_are_no_distinct_pair(shared_data: Path) -> None:
    twins = {"clothing/images/shorts/cl-6075b4a5-5b1a", "clothing/images/skirt/cl-637a56e4-7fa6"}
    shots = [shot for shot in sample_pictures.read_pictures(shared_data) if shot.id in twins]
    other = next(
        shot for shot in sample_pictures.read_pictures(shared_data) if shot.set == "saleor"
    )
    distinct = distinct_pairs([*shots, other])
    assert distinct.tolist() == [[False, False, True], [False, False, True], [False] * 3]


def test_some_pictures_are_ever_the_same(shared_data: Path) -> None:
    shots = sample_pictures.read_pictures(shared_data)
    assert choose_pictures(shots, 5) == choose_pictures(shots[::-1], 5)
    assert choose_pictures(shots, None) == shots
