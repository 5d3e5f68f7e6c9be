"""The demo shop: products the project draws itself, written as a feed with pictures.

The same version draws the same bytes on the same machine. What may differ between machines is
said in `lettering`: without Noto CJK the Japanese labels are printed in Latin letters.
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
from indexer.demo.lettering import japanese_font
from indexer.demo.shop_plan import DemoPicture, DemoShop, plan_shop
from indexer.demo.studio import encode, photograph

VERSION = 1
"""Bumped when a picture or a row changes, so that folders written earlier are written again."""

FEED, RELISTINGS, STAMP = "products.jsonl", "relistings.csv", ".stamp.json"
WORKERS = 2
DRAWN_IN_PROCESS_MAX = 24
"""Up to this many pictures are drawn here: starting workers would take longer."""


def write(
    folder: Path, products: int = 300, progress: Callable[[int, int], None] | None = None
) -> Path:
    """Write the demo shop into `folder` and return the path of its feed.

    Pictures that are there unchanged are kept. `progress` is called with (drawn, to draw) after
    each picture. Beside the feed, `relistings.csv` (id, original_id, edit) tells which products
    show another's pictures. Drawing many starts worker processes, so the calling program must be
    importable (``if __name__ == "__main__"``). Raises OSError when the folder cannot be written.
    """
    shop = plan_shop(products)
    recipe = hashlib.sha256(
        repr((VERSION, products, japanese_font() is not None)).encode()
    ).hexdigest()
    sizes = _stamped(folder, recipe)
    missing = [shot for shot in shop.pictures if not _is_there(folder / shot.path, sizes)]
    for done, (path, size) in enumerate(_drawn(folder, missing), 1):
        sizes[path] = size
        if progress is not None:
            progress(done, len(missing))
    _write_tables(folder, shop)
    stamp = {"recipe": recipe, "sizes": sizes}
    atomic_file.write(folder / STAMP, json.dumps(stamp, sort_keys=True).encode())
    return folder / FEED


def _stamped(folder: Path, recipe: str) -> dict[str, int]:
    """Return the sizes of the pictures an earlier run of the same recipe wrote, by path."""
    try:
        stamp = json.loads((folder / STAMP).read_bytes())
        return dict(stamp["sizes"]) if stamp["recipe"] == recipe else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _is_there(path: Path, sizes: dict[str, int]) -> bool:
    wanted = sizes.get(f"{path.parent.name}/{path.name}")
    return wanted is not None and path.is_file() and path.stat().st_size == wanted


def _drawn(folder: Path, shots: list[DemoPicture]) -> Iterator[tuple[str, int]]:
    """Draw pictures and yield their paths and sizes, in order."""
    if len(shots) <= DRAWN_IN_PROCESS_MAX:
        yield from map(partial(draw_picture, folder), shots)
        return
    pool = ProcessPoolExecutor(
        min(WORKERS, os.cpu_count() or 1),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=cv2.setNumThreads,
        initargs=(1,),
    )
    try:
        yield from pool.map(partial(draw_picture, folder), shots, chunksize=8)
    finally:
        pool.shutdown(cancel_futures=True)


def draw_picture(folder: Path, shot: DemoPicture) -> tuple[str, int]:
    """Draw one picture into its file; return its path within `folder` and its size in bytes."""
    picture = photograph(shot.design, shot.view, shot.take)
    picture = EDITS[shot.edit](picture, dice(shot.take, shot.edit))
    content = encode(picture)
    atomic_file.write(folder / shot.path, content)
    return shot.path, len(content)


def _write_tables(folder: Path, shop: DemoShop) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in shop.rows]
    atomic_file.write(folder / FEED, ("\n".join(lines) + "\n").encode())
    table = io.StringIO(newline="")
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("id", "original_id", "edit"))
    writer.writerows((each.id, each.original_id, each.edit) for each in shop.relistings)
    atomic_file.write(folder / RELISTINGS, table.getvalue().encode())
