"""Things that stand out of their ground are proposed, whatever the ground."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.look.grounds import GROUNDS, draw_ground
from core.environment import Environment
from features.base import Box, Picture
from features.regions.objects import create
from features.regions.overlap import intersection_over_union

GOODS = ("saleor-mighty-mug.png", "saleor-beanie-1.png", "saleor-cushion-blue.png")


def scene(folder: Path, kind: str) -> tuple[Picture, list[Box]]:
    """Return three products on a ground, and the boxes of their pictures' visible parts."""
    ground = draw_ground(kind, (1200, 600), np.random.default_rng(5))
    boxes = []
    for number, name in enumerate(GOODS):
        with Image.open(folder / name) as opened:
            goods = opened.convert("RGBA").resize((300, 300))
        corner = (50 + 400 * number, 150)
        ground.paste(goods, corner, goods)
        left, top, right, bottom = goods.getchannel("A").point(lambda a: 255 * (a > 128)).getbbox()
        edges = (corner[0] + left, corner[1] + top, corner[0] + right, corner[1] + bottom)
        boxes.append(Box(edges[0] / 1200, edges[1] / 600, edges[2] / 1200, edges[3] / 600))
    return Picture(ground, *ground.size), boxes


@pytest.mark.parametrize("kind", GROUNDS)
def test_every_thing_on_a_ground_is_proposed(shared_data: Path, kind: str) -> None:
    picture, boxes = scene(shared_data / "saleor" / "images", kind)
    found = create(Environment.current()).find_regions(picture)
    for box in boxes:
        assert max(intersection_over_union(box, region.box) for region in found) >= 0.5


def test_a_ground_alone_has_no_things() -> None:
    ground = draw_ground("gradient", (800, 600), np.random.default_rng(1))
    assert create(Environment.current()).find_regions(Picture(ground, 800, 600)) == []
