"""Cut-outs: goods on a transparent ground, and the same goods over grounds of other colours."""

import random
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from bench.duplicates.case_set import (
    CaseSet,
    KindCheck,
    PictureFile,
    PictureKind,
    jpeg,
    open_picture,
    png,
)

SIDE = 640
GROUNDS = ("#000000", "#6f6f6f", "#d9c7ab", "#1f3a2e", "#8a2f3c", "#ffffff")
MIN_GOODS, MAX_GOODS = 0.08, 0.85
"""Share of the picture that goods may take: others are no packshots on white."""


def make(pictures: Sequence[Path], count: int, chance: random.Random) -> CaseSet:
    """Return packshots with their white ground cleared, and copies of each over two grounds.

    Every other one is stored over a ground and checked as a transparent file and over another.
    """
    cases = CaseSet()
    for path in chance.sample(list(pictures), len(pictures)):
        goods = cut_out(ImageOps.contain(open_picture(path), (SIDE, SIDE)))
        if goods is None:
            continue
        number = len(cases.stored)
        key, (first, second) = f"cutout-{number}", chance.sample(GROUNDS, 2)
        if number % 2:
            stored = PictureFile(key, jpeg(over(goods, first)))
            checks = {"clear": png(goods), second: jpeg(over(goods, second))}
        else:
            stored = PictureFile(key, png(goods), ".png")
            checks = {ground: jpeg(over(goods, ground)) for ground in (first, second)}
        cases.stored.append(stored)
        for name, data in checks.items():
            cases.checks.append(KindCheck(f"{path.stem} {name}", data, frozenset({key})))
        if len(cases.stored) == count:
            break
    return cases


def cut_out(image: Image.Image) -> Image.Image | None:
    """Return the picture with the white around its goods transparent; None without such white."""
    pixels = np.asarray(image)
    white = (pixels.min(axis=2) >= 244).astype(np.uint8)
    _, labels = cv2.connectedComponents(white, connectivity=4)
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    if (edge > 0).mean() < 0.95:
        return None
    opaque = ~np.isin(labels, np.unique(edge[edge > 0]))
    if not MIN_GOODS <= opaque.mean() <= MAX_GOODS:
        return None
    alpha = cv2.GaussianBlur(opaque.astype(np.uint8) * 255, (0, 0), 0.6)
    cut = image.convert("RGBA")
    cut.putalpha(Image.fromarray(alpha))
    return cut


def over(goods: Image.Image, colour: str) -> Image.Image:
    """Return the goods over a plain ground."""
    ground = Image.new("RGBA", goods.size, colour)
    ground.alpha_composite(goods)
    return ground.convert("RGB")


KIND = PictureKind("cutouts", make)
