"""A sweep's processes: they examine, their errors travel, and they end with their parent."""

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import partial

import psutil
import pytest

from app.trust.examination.evidence import ListingPicture
from app.trust.examination.stored_pictures import StoredPicture
from app.trust.sweeping import worker_pool
from app.trust.sweeping.checkpoint import PictureRecord
from app.trust.sweeping.stored_picture_examiner import SYSTEM_ERRORS

BATCH = [StoredPicture({"id": "p1"}, {"image_id": "a"})]


class Stamping:
    """Says in which process it was asked, or raises."""

    def __init__(self, error: type[Exception] | None = None) -> None:
        self.error = error

    def examine(self, batch: Sequence[StoredPicture]) -> list[PictureRecord]:
        if self.error is not None:
            raise self.error("why")
        return [PictureRecord(ListingPicture(one.product["id"], str(os.getpid()))) for one in batch]


def test_processes_examine_elsewhere_and_in_order() -> None:
    with worker_pool.process_pool(Stamping, 2) as hired:
        done = [hired.submit([StoredPicture({"id": f"p{n}"}, {})]) for n in range(6)]
        records = [record for future in done for record in future.result()]
    assert [record.picture.product_id for record in records] == [f"p{n}" for n in range(6)]
    assert str(os.getpid()) not in {record.picture.image_id for record in records}


PATIENT = {"Busy", "EngineUnavailable"}


@pytest.mark.parametrize("error", [e for e in SYSTEM_ERRORS if e.__name__ not in PATIENT])
def test_errors_reach_the_sweep_from_another_process(error: type[Exception]) -> None:
    with worker_pool.process_pool(partial(Stamping, error), 1) as hired:
        future = hired.submit(BATCH)
        with pytest.raises(error, match="why"):
            future.result()


ENDLESS = """
import os, signal
from tests.app.trust.sweeping.test_worker_pool import BATCH, Stamping
from app.trust.sweeping import worker_pool
if __name__ == "__main__":
    with worker_pool.process_pool(Stamping, 1) as hired:
        print(hired.submit(BATCH).result()[0].picture.image_id, flush=True)
        signal.pause()
"""


def test_processes_end_when_their_parent_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    gone, alive = psutil.wait_procs([child], timeout=20)
    assert (gone, alive) == ([child], [])
