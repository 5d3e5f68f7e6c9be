"""Make pictures for the speed benches: drawn, or cut from real ones.

A number always gives the same bytes. Drawn pictures mix noise of several scales with plain shapes.
So they cost as much to decode as photos (about 30 kB at 400 × 300), have edges for the hashes, and
all differ.
"""

import io
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageOps

SIZE = (400, 300)
QUALITY = 85
OCTAVES = ((4, 3, 80), (16, 12, 50), (80, 60, 30), (400, 300, 10))
"""Width, height and strength (± of 255) of each layer of noise, coarse to fine."""

CATEGORIES = ("Home", "Garden", "Clothes", "Toys", "Food")
BRANDS = 40


def draw_picture(number: int) -> bytes:
    """Return a random JPEG with this number as its seed."""
    chance = np.random.default_rng(number)
    ground = np.full((SIZE[1], SIZE[0], 3), chance.integers(60, 200, 3), np.int16)
    for across, down, strength in OCTAVES:
        layer = chance.integers(128 - strength, 128 + strength, (down, across, 3), np.uint8)
        spread = Image.fromarray(layer).resize(SIZE, Image.Resampling.BICUBIC)
        ground += np.asarray(spread, np.int16) - 128
    image = Image.fromarray(ground.clip(0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for _ in range(int(chance.integers(2, 7))):
        left, right = sorted(int(x) for x in chance.integers(0, SIZE[0], 2))
        top, bottom = sorted(int(y) for y in chance.integers(0, SIZE[1], 2))
        red, green, blue = (int(value) for value in chance.integers(0, 256, 3))
        shape = pen.ellipse if chance.random() < 0.5 else pen.rectangle
        shape((left, top, right, bottom), fill=(red, green, blue))
    return _saved(image)


def cut_picture(number: int, pictures: Sequence[Path]) -> bytes:
    """Return a part of a real picture as a JPEG of 400 pixels; each number gives another part."""
    chance = np.random.default_rng(number)
    with Image.open(pictures[number % len(pictures)]) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGB")
    share = chance.uniform(0.8, 1.0)
    across, down = (max(1, round(side * share)) for side in image.size)
    left = int(chance.integers(0, image.width - across + 1))
    top = int(chance.integers(0, image.height - down + 1))
    part = image.crop((left, top, left + across, top + down))
    scale = max(SIZE) / max(part.size)
    return _saved(part.resize((max(1, round(across * scale)), max(1, round(down * scale)))))


def write_feed(folder: Path, count: int, pictures: Sequence[Path]) -> Path:
    """Write a feed of `count` products with one picture each; return its path."""
    make = partial(cut_picture, pictures=pictures) if pictures else draw_picture
    (folder / "pictures").mkdir()

    def write(number: int) -> str:
        name = f"pictures/{number:06d}.jpg"
        (folder / name).write_bytes(make(number))
        return name

    with (
        ThreadPoolExecutor() as threads,
        (folder / "products.jsonl").open("w", encoding="utf-8") as lines,
    ):
        for number, name in enumerate(threads.map(write, range(count))):
            row = {
                "id": f"bench-{number:06d}",
                "title": f"Product {number}",
                "category": CATEGORIES[number % len(CATEGORIES)],
                "brand": f"Brand {number % BRANDS}",
                "price": f"{5 + number % 200}.00 USD",
                "availability": "in stock" if number % 4 else "out of stock",
                "image_link": name,
            }
            lines.write(json.dumps(row) + "\n")
    return folder / "products.jsonl"


def make_uploads(count: int, after: int, pictures: Sequence[Path]) -> list[bytes]:
    """Return `count` query pictures that differ from those of the first `after` products."""
    numbers = range(after, after + count)
    return [cut_picture(n, pictures) if pictures else draw_picture(n) for n in numbers]


def _saved(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()
