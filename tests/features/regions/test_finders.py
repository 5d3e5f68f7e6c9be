"""Who proposes regions, and which of many are shown."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.environment import Environment
from core.errors import UnknownName
from features.base import Box, Picture, Region, RegionFinder
from features.embedding.attention import propose_regions
from features.regions.finders import RegionFinderChain, load
from features.regions.overlap import area, intersection_over_union, suppress_overlaps
from tests.support.pictures import clothing, plain


@pytest.fixture(scope="module")
def built_in() -> RegionFinderChain:
    return load(Environment.current())


def on_a_page(*pictures: Picture) -> tuple[Picture, list[Box]]:
    """Return a screenshot with pictures side by side, and where they are."""
    page = Image.new("RGB", (400 * len(pictures) + 100, 600), "white")
    boxes = []
    for number, picture in enumerate(pictures):
        left, top = 100 + 400 * number, 150
        page.paste(picture.pixels.resize((300, 300)), (left, top))
        across, down = page.size
        boxes.append(Box(left / across, top / down, (left + 300) / across, (top + 300) / down))
    return Picture(page, *page.size), boxes


def test_built_ins_are_region_finders(built_in: RegionFinderChain) -> None:
    assert [finder.name for finder in built_in.finders] == ["objects", "page", "attention"]
    assert all(isinstance(finder, RegionFinder) for finder in built_in.finders)


def test_both_pictures_of_a_screenshot_are_proposed(
    built_in: RegionFinderChain, shared_data: Path
) -> None:
    screenshot, boxes = on_a_page(*clothing(shared_data, 2))
    found = built_in.find_regions(screenshot, 5)
    for box in boxes:
        assert max(intersection_over_union(box, region.box) for region in found) > 0.8


def test_an_object_off_the_centre_is_proposed(
    built_in: RegionFinderChain, shared_data: Path
) -> None:
    shirt = Image.open(shared_data / "saleor" / "images" / "saleor-white-plimsolls-1.png")
    ground = Image.effect_noise((600, 600), 30).convert("RGB")
    small = shirt.convert("RGBA").resize((260, 260))
    ground.paste(small.convert("RGB"), (320, 300))
    found = built_in.find_regions(Picture(ground, 600, 600), 3)
    there = Box(320 / 600, 300 / 600, 580 / 600, 560 / 600)
    assert max(intersection_over_union(there, region.box) for region in found) > 0.4


@pytest.mark.parametrize("picture", [plain("white"), plain("red", (1, 1)), plain("red", (400, 1))])
def test_nothing_stands_out_of_a_plain_picture_or_it_is_within_it(
    built_in: RegionFinderChain, picture: Picture
) -> None:
    for region in built_in.find_regions(picture, 5):
        assert 0 < area(region.box) < 0.9
        assert 0 <= region.score <= 1


def test_no_more_than_asked_are_proposed(built_in: RegionFinderChain, shared_data: Path) -> None:
    (picture,) = clothing(shared_data, 1)
    assert len(built_in.find_regions(picture, 1)) == 1


def test_strong_cells_become_a_box_around_them() -> None:
    strength = np.ones((42, 42), np.float32)
    strength[6:18, 24:36] = 5
    first, *_ = propose_regions(strength)
    assert first.box == Box(24 / 42, 6 / 42, 36 / 42, 18 / 42)
    assert first.score == pytest.approx(1)
    assert propose_regions(np.ones((42, 42), np.float32)) == []


def test_the_earlier_of_two_that_show_the_same_stays() -> None:
    one, same, other = (
        Region(Box(*edges), 0.5) for edges in ((0, 0, 0.5, 0.5), (0, 0, 0.5, 0.4), (0.5, 0.5, 1, 1))
    )
    assert suppress_overlaps([one, same, other], 5) == [one, other]
    assert suppress_overlaps([one, other], 1) == [one]
    assert intersection_over_union(one.box, same.box) == pytest.approx(0.8)
    assert intersection_over_union(one.box, other.box) == 0


def test_an_unknown_finder_names_the_known_ones() -> None:
    environment = Environment({**Environment.current().values, "LOOKALIKE_REGIONS": "eyes"})
    with pytest.raises(UnknownName, match="attention, detector, objects, page"):
        load(environment)
