"""F5: a sync that is killed with SIGKILL again and again ends with every product once."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter

from bench.report import Report, at_most, log_progress
from bench.steps.shop_table import ShopTable
from bench.workspace import Workspace, open_catalogue
from core.errors import LookalikeError
from indexer.settings import LoadSettings
from mappings.catalogue.products import PICTURES

SEED = 18
FINISH_S = 3600


def measure_kills(report: Report, space: Workspace, products: int, kills: int) -> None:
    """Sync products with a picture each, killed `kills` times, and report what was lost.

    Raises LookalikeError when a run that nobody killed fails.
    """
    table = ShopTable(space.folder / "killed.db")
    table.fill(products, products)
    log = space.folder / "computed.log"
    command = [sys.executable, "-m", "bench.steps.counted_sync", table.address, str(log)]
    chance = random.Random(SEED)
    catalogue = open_catalogue(space.environment, space.registry)
    killed = 0
    while killed < kills:
        process = subprocess.Popen(command, env=dict(space.environment.values))
        began, before = time.monotonic(), log.stat().st_size if log.exists() else 0
        # Not in the seconds in which it only starts: a moment after its first new picture.
        while process.poll() is None and (log.stat().st_size if log.exists() else 0) == before:
            time.sleep(0.02)
            if time.monotonic() - began > FINISH_S:
                break
        if process.poll() is None:
            time.sleep(chance.uniform(0, 4))
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed += 1
        log_progress(f"killed {killed} of {kills}")
        if process.returncode == 0:
            break
    finished = subprocess.run(command, env=dict(space.environment.values), check=False)
    if finished.returncode:
        raise LookalikeError("the run that nobody killed failed: see its message above")
    catalogue.refresh()
    computed = Counter(log.read_text(encoding="utf-8").split())
    held = catalogue.search({"size": 10_000, "_source": ["id", f"{PICTURES}.image_id"]})
    documents = [hit["_source"] for hit in held["hits"]["hits"]]
    wrong = sum(len(document[PICTURES]) != 1 for document in documents)
    repeated = sum(count - 1 for count in computed.values())
    settings = LoadSettings.from_env(space.environment)
    in_flight = settings.batch * settings.workers
    report.sizes |= {"products": products, "kills": killed}
    report.add("F5.lost", products - held["hits"]["total"]["value"], "products", at_most(0))
    report.add("F5.doubled", wrong, "products", at_most(0))
    report.add("F5.recomputed", repeated / max(1, killed), "pictures/kill", at_most(in_flight))
