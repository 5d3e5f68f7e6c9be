"""Every detector keeps the promises of the table, on real pictures."""

import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.trust.examination.verdict import VerdictModel
from bench.peers.copies.detectors import roster
from bench.peers.copies.detectors.borders import trim_borders
from bench.peers.copies.detectors.detector import CopyDetector, distance_table
from bench.peers.copies.detectors.image_match import ImageMatchDetector
from bench.peers.copies.detectors.lookalike import LookalikeDetector
from core.environment import Environment
from core.errors import UnknownName
from features.base import Json
from tests.support.pictures import clothing, resized

FOUND_ANYHOW = {"dhash", "phash", "whash"}
"""imagehash has a hash for everything, a blank sheet included."""


MODEL: Json = {
    "signals": ["inliers"],
    "photo": {
        "baseline": -4.0,
        "trees": [
            {
                "signal": [0, 0, 0],
                "threshold": [20.0, 0.0, 0.0],
                "left": [1, -1, -1],
                "right": [2, -1, -1],
                "missing_left": [True, True, True],
                "value": [0.0, 0.0, 8.0],
            }
        ],
        "slope": 1.0,
        "intercept": 0.0,
    },
    "product": {"baseline": 0.0, "trees": [], "slope": 1.0, "intercept": 0.0},
    "same_photo_from": 0.5,
    "same_product_from": 0.9,
    "facts": {},
}
"""More than 20 keypoints that agree make a copy; one rule a reader can follow."""


@pytest.fixture(params=sorted(roster.DETECTORS))
def detector(request: pytest.FixtureRequest, environment: Environment) -> CopyDetector:
    if request.param == "ours":
        return LookalikeDetector(environment, VerdictModel.from_json(MODEL))
    (built,) = roster.build((request.param,), environment)
    return built


def test_resized_copy_is_nearer_than_another_picture(
    detector: CopyDetector, shared_data: Path
) -> None:
    pictures = clothing(shared_data, 4)
    for picture, another in zip(pictures, pictures[1:] + pictures[:1], strict=True):
        own, small, other = (
            detector.describe(one.pixels) for one in (picture, resized(picture, 0.7), another)
        )
        assert detector.distance(own, own) <= detector.distance(own, small)
        assert detector.distance(own, small) < detector.distance(own, other)
        assert detector.size_bytes(own) > 0


def test_table_holds_each_distance_and_infinity_without_a_signal(
    detector: CopyDetector, shared_data: Path
) -> None:
    pictures = [one.pixels for one in clothing(shared_data, 3)]
    described = [*map(detector.describe, [*pictures, pictures[0].crop((0, 0, 200, 200))])]
    found = distance_table(detector, [*described, None], described)
    assert found.shape == (5, 4)
    for i, j in ((0, 1), (2, 0), (0, 3)):
        assert found[i, j] == pytest.approx(detector.distance(described[i], described[j]), abs=1e-6)
    assert np.isinf(found[4]).all()
    assert np.isinf(distance_table(detector, [None], [None])).all()


@pytest.mark.parametrize(
    "name", sorted(set(roster.DETECTORS) - FOUND_ANYHOW - {"embedding", "ours"})
)
def test_blank_picture_has_no_descriptor(name: str, environment: Environment) -> None:
    (detector,) = roster.build((name,), environment)
    assert detector.describe(Image.new("RGB", (300, 200), "white")) is None


def test_unknown_contestant_is_refused(environment: Environment) -> None:
    with pytest.raises(UnknownName, match="known: dhash"):
        roster.build(("nobody",), environment)


def test_signature_does_not_mind_brightness(shared_data: Path) -> None:
    signature = ImageMatchDetector()
    (picture,) = clothing(shared_data, 1)
    darker = picture.pixels.point(lambda value: int(value * 0.8))
    own, dark = signature.describe(picture.pixels), signature.describe(darker)
    assert own is not None
    assert dark is not None
    assert len(own) == 9 * 9 * 8
    assert set(np.unique(own)) == {-2, -1, 0, 1, 2}
    assert signature.distance(own, dark) < 0.45


def test_local_descriptors_refuse_a_mirror_image_and_find_a_crop(
    shared_data: Path, environment: Environment
) -> None:
    (local,) = roster.build(("perception",), environment)
    (picture,) = clothing(shared_data, 1)
    across, down = picture.pixels.size
    cut = picture.pixels.crop((across // 20, down // 20, across, down))
    mirrored = picture.pixels.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    own = local.describe(picture.pixels)
    assert local.distance(own, local.describe(cut)) <= (local.usual_limit or 0)
    assert local.distance(own, local.describe(mirrored)) > (local.usual_limit or 0)


def test_uniform_border_is_cut_and_a_photo_left_alone(shared_data: Path) -> None:
    (picture,) = clothing(shared_data, 1)
    pixels = np.asarray(picture.pixels)
    framed = np.pad(pixels, ((40, 40), (30, 30), (0, 0)), constant_values=200)
    inside = trim_borders(framed)
    assert inside is not None
    assert math.isclose(inside.shape[0], pixels.shape[0], abs_tol=4)
    assert math.isclose(inside.shape[1], pixels.shape[1], abs_tol=4)
    assert trim_borders(np.full((200, 200, 3), 255, np.uint8)) is None
