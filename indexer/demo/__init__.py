"""The demo shop: products the project draws itself, written as a feed with pictures.

The same version draws the same bytes on the same machine. Machines may differ in their fonts
(`lettering`): without Noto CJK the Japanese labels are printed in Latin letters.
"""

import csv
import hashlib
import io
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import cv2

from core import atomic_file
from indexer.demo.design import dice
from indexer.demo.edits import EDITS
from indexer.demo.flood import with_flood
from indexer.demo.lettering import japanese_font
from indexer.demo.shop_plan import DemoPicture, DemoShop, picture_paths, plan_shop
from indexer.demo.studio import encode, photograph
from indexer.feeds.feed import open_feed
from indexer.feeds.rows import Rejection, Row

VERSION = 1
"""Bumped when a picture or a row changes, so that folders written earlier are written again."""

FEED, RELISTINGS, STAMP = "products.jsonl", "relistings.csv", ".stamp.json"
WORKERS = 2
DRAWN_IN_PROCESS_MAX = 24
"""Up to this many pictures are drawn here: starting workers would take longer."""


class DemoFeed:
    """The demo shop as a feed that draws itself while it is read.

    `folder` gets the feed, its pictures, and `relistings.csv` (id, original_id, edit), which tells
    the products that show another's pictures. Pictures that are there unchanged are kept.
    `progress` is called with (drawn, to draw) after each picture. A `seed` gives another shop than
    the demo's.
    """

    def __init__(
        self,
        folder: Path,
        products: int = 300,
        progress: Callable[[int, int], None] | None = None,
        seed: str = "",
        *,
        is_flooded: bool = False,
    ) -> None:
        """With `is_flooded`, further listings all show one picture (`indexer.demo.flood`)."""
        self.home = folder
        shop = plan_shop(products, seed)
        self._shop = with_flood(shop) if is_flooded else shop
        self._progress = progress
        own = (seed,) if seed else ()
        recipe = repr((VERSION, products, japanese_font() is not None, *own))
        self._recipe = hashlib.sha256(recipe.encode()).hexdigest()

    @property
    def reading(self) -> str:
        """How the feed was read: it needs no reader of its own."""
        return "the demo shop"

    def count(self) -> int:
        """Return how many products there are."""
        return len(self._shop.rows)

    def rows(self) -> Iterator[Row | Rejection]:
        """Write the feed, and yield each row as soon as its pictures are drawn.

        Drawing many starts worker processes, so the calling program must be importable
        (``if __name__ == "__main__"``). Raises OSError when the folder cannot be written.
        """
        _write_tables(self.home, self._shop)
        sizes = _stamped_sizes(self.home, self._recipe)
        missing = [
            picture for picture in self._shop.pictures if not _is_drawn(self.home, picture, sizes)
        ]
        undrawn = {picture.path for picture in missing}
        drawing = enumerate(_draw_all(self.home, missing), 1)
        try:
            for row, product in zip(
                open_feed(self.home / FEED).rows(), self._shop.rows, strict=True
            ):
                while undrawn & set(picture_paths(product)):
                    done, (path, size) = next(drawing)
                    undrawn.remove(path)
                    sizes[path] = size
                    if self._progress is not None:
                        self._progress(done, len(missing))
                yield row
        finally:
            # Also where reading ends early: what is drawn need not be drawn again.
            _write_stamp(self.home, self._recipe, sizes)


def write(
    folder: Path,
    products: int = 300,
    progress: Callable[[int, int], None] | None = None,
    seed: str = "",
) -> Path:
    """Write the demo shop into `folder` and return the path of its feed (see `DemoFeed`)."""
    for _ in DemoFeed(folder, products, progress, seed).rows():
        continue
    return folder / FEED


def _stamped_sizes(folder: Path, recipe: str) -> dict[str, int]:
    """Return the sizes of the pictures an earlier run of the same recipe wrote, by path."""
    try:
        stamp = json.loads((folder / STAMP).read_bytes())
        return dict(stamp["sizes"]) if stamp["recipe"] == recipe else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _write_stamp(folder: Path, recipe: str, sizes: dict[str, int]) -> None:
    stamp = {"recipe": recipe, "sizes": sizes}
    atomic_file.write(folder / STAMP, json.dumps(stamp, sort_keys=True).encode())


def _is_drawn(folder: Path, picture: DemoPicture, sizes: dict[str, int]) -> bool:
    size = sizes.get(picture.path)
    path = folder / picture.path
    return size is not None and path.is_file() and path.stat().st_size == size


def _draw_all(folder: Path, pictures: list[DemoPicture]) -> Iterator[tuple[str, int]]:
    """Draw pictures and yield their paths and sizes, in order."""
    if len(pictures) <= DRAWN_IN_PROCESS_MAX:
        yield from map(partial(draw_picture, folder), pictures)
        return
    pool = ProcessPoolExecutor(
        min(WORKERS, os.cpu_count() or 1),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=cv2.setNumThreads,
        initargs=(1,),
    )
    try:
        yield from pool.map(partial(draw_picture, folder), pictures, chunksize=8)
    finally:
        pool.shutdown(cancel_futures=True)


def draw_picture(folder: Path, picture: DemoPicture) -> tuple[str, int]:
    """Draw one picture into its file; return its path within `folder` and its size in bytes."""
    image = photograph(picture.design, picture.view, picture.take)
    image = EDITS[picture.edit](image, dice(picture.take, picture.edit))
    content = encode(image)
    atomic_file.write(folder / picture.path, content)
    return picture.path, len(content)


def _write_tables(folder: Path, shop: DemoShop) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in shop.rows]
    atomic_file.write(folder / FEED, ("\n".join(lines) + "\n").encode())
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("id", "original_id", "edit"))
    writer.writerows((each.id, each.original_id, each.edit) for each in shop.relistings)
    atomic_file.write(folder / RELISTINGS, table.getvalue().encode())
