"""Bars: a picture in a frame of another shape, with other bars in every copy."""

import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from bench.duplicates.case_set import (
    CaseSet,
    KindCheck,
    PictureFile,
    PictureKind,
    jpeg,
    open_picture,
)

SIDE = 900
COLOURS = ("#000000", "#ffffff", "#1c1c1c", "#f3efe6", "#25406b", "#b9c4b1", "#d4d4d4")


def make(pictures: Sequence[Path], count: int, chance: random.Random) -> CaseSet:
    """Return upright and wide cuts of pictures, stored in one frame and checked in another."""
    cases = CaseSet()
    for number, path in enumerate(chance.sample(list(pictures), min(count, len(pictures)))):
        inside = cut(open_picture(path), chance.choice((0.56, 0.66, 0.75, 1.5, 1.78)), chance)
        key = f"bars-{number}"
        cases.stored.append(PictureFile(key, jpeg(framed(inside, chance), chance.randint(75, 92))))
        for name in ("other bars", "no bars"):
            query = inside if name == "no bars" else framed(inside, chance)
            cases.checks.append(KindCheck(f"{path.stem} {name}", jpeg(query), frozenset({key})))
    return cases


def cut(image: Image.Image, aspect: float, chance: random.Random) -> Image.Image:
    """Return a part with this ratio of width to height, at most SIDE large."""
    width, height = image.size
    across, down = min(width, round(height * aspect)), min(height, round(width / aspect))
    left, top = chance.randint(0, width - across), chance.randint(0, height - down)
    return ImageOps.contain(image.crop((left, top, left + across, top + down)), (SIDE, SIDE))


def framed(inside: Image.Image, chance: random.Random) -> Image.Image:
    """Return the picture in the middle of a wide or tall frame, with plain or blurred bars."""
    upright = inside.height > inside.width
    aspect = chance.choice((1.0, 1.33, 1.78) if upright else (1.0, 0.75, 0.56))
    size = (SIDE, round(SIDE / aspect)) if aspect >= 1 else (round(SIDE * aspect), SIDE)
    if chance.random() < 0.4:
        blurred = ImageOps.fit(inside, size) if chance.random() < 0.5 else inside.resize(size)
        frame = blurred.filter(ImageFilter.GaussianBlur(chance.randint(18, 45)))
        frame = ImageEnhance.Brightness(frame).enhance(chance.choice((1.0, 0.8, 0.6)))
    else:
        frame = Image.new("RGB", size, chance.choice(COLOURS))
    held = ImageOps.contain(inside, size)
    frame.paste(held, ((size[0] - held.width) // 2, (size[1] - held.height) // 2))
    return frame


KIND = PictureKind("bars", make)
