"""F7: rebuilds that are killed at any step, while people search: always a complete index."""

import json
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from bench.data.drawn_pictures import draw_picture
from bench.report import Report, at_least, at_most, log_progress
from bench.workspace import Workspace, open_catalogue
from core.errors import LookalikeError

SEED = 7


def measure_rebuilds(
    report: Report, space: Workspace, products: int, kills: int, rate: float
) -> None:
    """Search `rate` times a second while rebuilds are killed, and one is let end."""
    feed = _write_feed(space.folder / "rebuilt", products)
    environment = dict(space.environment.values)
    command = [sys.executable, "-m", "indexer", "load", str(feed), "--no-measure"]
    command += ["--rejects", str(space.folder / "rebuilt" / "rejects.jsonl")]
    subprocess.run(command, env=environment, check=True)
    searches = Searches(space, products, rate)
    searches.start()
    chance = random.Random(SEED)
    began = time.monotonic()
    took = 0.0
    for number in range(kills + 1):
        process = subprocess.Popen([*command, "--rebuild"], env=environment)
        if number == 0:
            process.wait()
            took = time.monotonic() - began
            log_progress(f"a rebuild takes {took:.0f} s")
            continue
        try:
            process.wait(chance.uniform(0.2, 1) * took)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        log_progress(f"killed {number} of {kills}")
    searches.stop()
    report.sizes |= {"products": products, "rebuild_kills": kills, "searches": searches.count}
    report.add("F7.failed", searches.failed, "searches", at_most(0))
    report.add("F7.incomplete", searches.incomplete, "searches", at_most(0))
    report.add("F7.rate", searches.count / searches.seconds, "searches/s", at_least(rate * 0.8))


class Searches:
    """Counts all products of an alias again and again, so many times a second."""

    def __init__(self, space: Workspace, products: int, rate: float) -> None:
        self.count = self.failed = self.incomplete = 0
        self.seconds = 0.0
        self._catalogue = open_catalogue(space.environment, space.registry)
        self._products = products
        self._pause = 1 / rate
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, and wait for the search at work."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        began = time.monotonic()
        while not self._ended.is_set():
            due = began + self.count * self._pause
            self._ended.wait(max(0.0, due - time.monotonic()))
            self.count += 1
            try:
                answer = self._catalogue.search({"size": 1, "track_total_hits": True})
            except LookalikeError as error:
                log_progress(f"a search failed: {error}")
                self.failed += 1
            else:
                self.incomplete += answer["hits"]["total"]["value"] != self._products
        self.seconds = time.monotonic() - began


def _write_feed(folder: Path, products: int) -> Path:
    folder.mkdir()
    (folder / "a.jpg").write_bytes(draw_picture(1))
    rows = (
        {"id": f"r{n}", "title": f"Product {n}", "image_link": "a.jpg"} for n in range(products)
    )
    feed = folder / "feed.jsonl"
    feed.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return feed
