"""Read the pictures of the test data, and which belong together according to their catalogues."""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.environment import Environment

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
VIEW = re.compile(r"[-_](front|back|\d)$")


@dataclass(frozen=True)
class SamplePicture:
    """A picture of the test data.

    `id` is its path below the data folder without the suffix. `set` is the catalogue to compare it
    within; `is_catalogue` is false for a shopper's photo. `product` is the product it shows ('' if
    unknown). Pictures of the same `line` ('' for none) show siblings: products of one brand and
    kind, or varieties of one fruit.
    """

    id: str
    path: Path
    set: str
    is_catalogue: bool
    product: str = ""
    line: str = ""


def read_pictures(data: Path) -> list[SamplePicture]:
    """Return the pictures of clothing, grocery (packshots, phone photos) and saleor, by id."""
    shots = [*_clothing(data), *_grocery(data), *_saleor(data)]
    return sorted(shots, key=lambda shot: shot.id)


def cache_folder(environment: Environment) -> Path:
    """Return the folder where benches cache what they compute once."""
    return environment.cache_dir() / "bench"


def _clothing(data: Path) -> Iterator[SamplePicture]:
    for path in _pictures(data / "clothing" / "images"):
        yield SamplePicture(_id(data, path), path, "clothing", is_catalogue=True)


def _grocery(data: Path) -> Iterator[SamplePicture]:
    folder = data / "grocery"
    lines = {}
    for row in _json_lines(folder / "products.jsonl"):
        lines[row["id"]] = f"{row['brand'] or 'unbranded'} {row['category']}"
        path = folder / row["image"]
        yield SamplePicture(_id(data, path), path, "grocery", True, row["id"], lines[row["id"]])
    with (folder / "queries_dev.csv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            path, product = folder / row["image"], row["product_id"]
            yield SamplePicture(_id(data, path), path, "photos", False, product, lines[product])


def _saleor(data: Path) -> Iterator[SamplePicture]:
    """Yield the demo shop's pictures; a person judged which share a template."""
    folder = data / "saleor"
    products = {
        folder / image: row["id"]
        for row in _json_lines(folder / "products.jsonl")
        for image in row["images"]
    }
    for path in _pictures(folder / "images"):
        product = products.get(path) or VIEW.sub("", path.stem)
        yield SamplePicture(_id(data, path), path, "saleor", True, product)


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)


def _json_lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _id(data: Path, path: Path) -> str:
    return path.relative_to(data).with_suffix("").as_posix()
