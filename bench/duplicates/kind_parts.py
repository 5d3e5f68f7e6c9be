"""Parts: panels of long pages, tiles of collages, and halves and thirds of a picture."""

import random
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageOps

from bench.duplicates.case_set import (
    CaseSet,
    KindCheck,
    PictureFile,
    PictureKind,
    jpeg,
    open_picture,
)

PANEL = 600
GUTTERS = ("#ffffff", "#101010", "#efe3d0", "#3a4a5c")
MOST_PICTURES = 9
"""Pictures that one instance may need."""


def make(pictures: Sequence[Path], count: int, chance: random.Random) -> CaseSet:
    """Return instances that alternate between pages, collages, halves and thirds.

    Of every other page the page is stored and a panel is checked, of the others the reverse. No
    picture is in two instances.
    """
    kinds = (add_page, add_stored_page, add_collage, add_half, add_third)
    cases, pool = CaseSet(), chance.sample(list(pictures), len(pictures))
    for number in range(min(count, len(pool) // MOST_PICTURES)):
        chosen = pool[number * MOST_PICTURES : (number + 1) * MOST_PICTURES]
        images = [ImageOps.contain(open_picture(path), (1600, 1600)) for path in chosen]
        add = kinds[number % len(kinds)]
        add(cases, f"{add.__name__.removeprefix('add_')}-{number}", images, chance)
    return cases


def add_page(
    cases: CaseSet, key: str, images: Sequence[Image.Image], chance: random.Random
) -> None:
    """Store a panel; check the page that it is in."""
    panels = [panel(image, chance) for image in images[: chance.randint(4, 9)]]
    cases.stored.append(PictureFile(key, jpeg(panels[1])))
    cases.checks.append(KindCheck(key, jpeg(page(panels, chance)), frozenset({key})))


def add_stored_page(
    cases: CaseSet, key: str, images: Sequence[Image.Image], chance: random.Random
) -> None:
    """Store a page; check one of its panels."""
    panels = [panel(image, chance) for image in images[: chance.randint(4, 9)]]
    cases.stored.append(PictureFile(key, jpeg(page(panels, chance))))
    cases.checks.append(KindCheck(key, jpeg(chance.choice(panels)), frozenset({key})))


def add_collage(
    cases: CaseSet, key: str, images: Sequence[Image.Image], chance: random.Random
) -> None:
    """Store a picture; check a collage of four, six or nine that contains it."""
    across, down = chance.choice(((2, 2), (3, 2), (3, 3)))
    side, gap = 900 // across, chance.choice((0, 6, 12, 20))
    tiles = [ImageOps.fit(image, (side, side)) for image in images[: across * down]]
    size = across * (side + gap) + gap, down * (side + gap) + gap
    collage = Image.new("RGB", size, chance.choice(GUTTERS))
    for number, tile in enumerate(tiles):
        left, top = number % across, number // across
        collage.paste(tile, (gap + left * (side + gap), gap + top * (side + gap)))
    cases.stored.append(PictureFile(key, jpeg(images[chance.randrange(len(tiles))])))
    cases.checks.append(KindCheck(key, jpeg(collage), frozenset({key})))


def add_half(
    cases: CaseSet, key: str, images: Sequence[Image.Image], chance: random.Random
) -> None:
    """Store a picture; check a half of it."""
    image = images[0]
    half = image.width // 2, image.height // 2
    left, top = chance.choice(((0, 0), (half[0], 0), (0, 0), (0, half[1])))
    is_column = chance.random() < 0.5
    box = (
        (left, 0, left + half[0], image.height)
        if is_column
        else (0, top, image.width, top + half[1])
    )
    cases.stored.append(PictureFile(key, jpeg(image)))
    cases.checks.append(KindCheck(key, jpeg(image.crop(box)), frozenset({key})))


def add_third(
    cases: CaseSet, key: str, images: Sequence[Image.Image], chance: random.Random
) -> None:
    """Store a picture; check a piece of its middle, a third of it each way."""
    image = images[0]
    width, height = round(image.width * 0.34), round(image.height * 0.34)
    left = chance.randint(round(0.2 * image.width), round(0.46 * image.width))
    top = chance.randint(round(0.2 * image.height), round(0.46 * image.height))
    cases.stored.append(PictureFile(key, jpeg(image)))
    third = image.crop((left, top, left + width, top + height))
    cases.checks.append(KindCheck(key, jpeg(third), frozenset({key})))


def panel(image: Image.Image, chance: random.Random) -> Image.Image:
    """Return a picture cut to a panel of a page."""
    return ImageOps.fit(image, (PANEL, round(PANEL * chance.choice((0.7, 1.0, 1.0, 1.3)))))


def page(panels: Sequence[Image.Image], chance: random.Random) -> Image.Image:
    """Return the panels below each other, with or without gaps."""
    gap = chance.choice((0, 0, 24))
    height = sum(image.height + gap for image in panels)
    whole = Image.new("RGB", (PANEL, height), chance.choice(GUTTERS))
    top = 0
    for image in panels:
        whole.paste(image, (0, top))
        top += image.height + gap
    return whole


KIND = PictureKind("parts", make)
