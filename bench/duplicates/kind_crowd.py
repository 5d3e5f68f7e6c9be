"""Crowds: a photo stored once, beside another that many sellers have."""

import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageEnhance, ImageOps

from bench.duplicates.case_set import (
    CaseSet,
    KindCheck,
    PictureFile,
    PictureKind,
    jpeg,
    open_picture,
)

SIDE = 600
COPIES = 15


def make(pictures: Sequence[Path], count: int, chance: random.Random) -> CaseSet:
    """Return, for every fifth instance, a photo and COPIES edited copies of another.

    The check shows both side by side, with a gap or without; all copies may be found.
    """
    cases, pool = CaseSet(), chance.sample(list(pictures), len(pictures))
    for number in range(min(max(1, count // 5), len(pool) // 2)):
        lone, common = (
            ImageOps.fit(open_picture(path), (SIDE, SIDE)) for path in pool[2 * number :][:2]
        )
        key, copies = f"lone-{number}", [f"copy-{number}-{copy}" for copy in range(COPIES)]
        cases.stored.append(PictureFile(key, jpeg(lone)))
        cases.stored += [PictureFile(copy, jpeg(edited(common, chance))) for copy in copies]
        check = jpeg(beside(lone, common, chance.choice((0, 8, 16))))
        found = frozenset({key})
        cases.checks.append(KindCheck(f"both {number}", check, found, frozenset(copies)))
    return cases


def edited(image: Image.Image, chance: random.Random) -> Image.Image:
    """Return the picture with a little cut off, in another brightness."""
    left, top, right, bottom = (chance.randint(0, 36) for _ in range(4))
    part = image.crop((left, top, image.width - right, image.height - bottom))
    return ImageEnhance.Brightness(part).enhance(chance.uniform(0.9, 1.1))


def beside(first: Image.Image, second: Image.Image, gap: int) -> Image.Image:
    """Return two pictures side by side."""
    pair = Image.new("RGB", (first.width + gap + second.width, first.height), "white")
    pair.paste(first, (0, 0))
    pair.paste(second, (first.width + gap, 0))
    return pair


KIND = PictureKind("crowd", make)
