"""Examines the whole catalogue, picture by picture, and opens a case for each group.

First the scan examines every different picture once and stores the findings on disk. Then the
cases are built from them. A sweep that is killed at any moment goes on where it stopped: the scan
behind the last stored batch, the cases by opening them again, which leaves open ones unchanged.
"""

import json
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from app.trust.desk.intake import OpenedCases
from app.trust.examination.stored_pictures import StoredPicture
from app.trust.sweeping.case_builder import CaseBuilder
from app.trust.sweeping.case_thresholds import CaseThresholds
from app.trust.sweeping.checkpoint import PictureRecord, SweepCheckpoint, SweepState
from app.trust.sweeping.stored_findings import StoredFindings
from app.trust.sweeping.worker_pool import WorkerPool, retry_policy
from core import atomic_file
from core.command_line import skip_line
from core.errors import InvalidQuery
from core.locks import process_lock
from core.progress import Progress
from features.base import Json
from mappings.catalogue import scan
from mappings.catalogue.catalogue import Catalogue

FOLDER, LAST, SKIPPED = "sweeps", "last.json", "skipped.jsonl"


@dataclass(frozen=True)
class SweepReport:
    """The result of a sweep, over all the runs it took.

    `pictures` counts different files. `skipped` could not be examined; `skipped_file` names each
    in a line. `seconds` is the time of the last run alone.
    """

    started_at: datetime
    pictures: int
    no_signal: int
    allowed: int
    skipped: int
    cases: OpenedCases
    seconds: float
    skipped_file: Path | None = None

    @property
    def exit_code(self) -> int:
        """0 when every picture was examined, 1 when some were skipped."""
        return 1 if self.skipped else 0


class Sweep:
    """Sweeps one catalogue; only one process at a time may."""

    def __init__(
        self,
        catalogue: Catalogue,
        open_pool: Callable[[int], WorkerPool],
        case_builder: CaseBuilder,
        thresholds: CaseThresholds,
        state_dir: Path,
        clock: Callable[[], datetime],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`open_pool` returns a pool of workers for a number of pictures."""
        self._catalogue = catalogue
        self._open_pool = open_pool
        self._case_builder = case_builder
        self._thresholds = thresholds
        self._folder = state_dir / FOLDER
        self._checkpoint = SweepCheckpoint(self._folder)
        self._stored_findings = StoredFindings(self._folder)
        self._clock = clock
        self._retry_policy = retry_policy(pause)

    def run(
        self, progress: Progress, *, since: datetime | None = None, restart: bool = False
    ) -> SweepReport:
        """Sweep the pictures added since a time, or all; goes on with an unfinished sweep.

        Raises InvalidQuery if the unfinished one was begun with other options, Busy if another
        process is sweeping, and errors of Elasticsearch; findings up to then stay on disk.
        """
        began = time.monotonic()
        with process_lock(self._folder / "lock", "a sweep"):
            self._catalogue.check_features()
            state = self._begin(since, restart, progress)
            if not state.scanned:
                state = self._scan(state, since, progress)
            opened = self._retry_policy.call(
                partial(
                    self._case_builder.open_cases,
                    self._checkpoint.records,
                    progress.say,
                    whole=since is None,
                )
            )
            self._store_findings(whole=since is None)
            report = self._report(state, opened, time.monotonic() - began)
            self._save(report)
            self._checkpoint.end()
        return report

    def _store_findings(self, *, whole: bool) -> None:
        records = self._checkpoint.records
        if whole:
            self._stored_findings.replace(records)
            self._stored_findings.save_policy(self._case_builder.read_policy())
        else:
            self._stored_findings.add(record for _, record in records)

    def _begin(self, since: datetime | None, restart: bool, progress: Progress) -> SweepState:
        request = {"since": since.isoformat() if since else None, **asdict(self._thresholds)}
        state = None if restart else self._checkpoint.state()
        if state is None:
            return self._checkpoint.begin(SweepState(self._clock(), request))
        if state.request != request:
            options = ", ".join(f"{name} {value}" for name, value in state.request.items())
            raise InvalidQuery(
                f"the sweep of {state.started_at:%Y-%m-%d %H:%M} is unfinished and was begun with "
                f"other options ({options}): give the same to go on with it, or --restart"
            )
        progress.say(f"going on with the sweep of {state.started_at:%Y-%m-%d %H:%M}")
        self._checkpoint.resume(state)
        return state

    def _scan(self, state: SweepState, since: datetime | None, progress: Progress) -> SweepState:
        pictures = scan.count_pictures(self._catalogue, since)
        progress.set_total(pictures)
        image_ids = {record.picture.image_id for _, record in self._checkpoint.records}
        progress.advance(len(image_ids))
        with self._open_pool(pictures - len(image_ids)) as pool:
            work: deque[tuple[str, int, Future[list[PictureRecord]]]] = deque()
            for position, count, batch in self._batches(state, since, image_ids):
                work.append((position, count, pool.submit(batch)))
                # One batch more than there are workers: none of them waits for the next page.
                if len(work) > pool.size:
                    state = self._store(work.popleft(), state, progress)
            while work:
                state = self._store(work.popleft(), state, progress)
        return self._checkpoint.save(replace(state, scanned=True))

    def _batches(
        self, state: SweepState, since: datetime | None, image_ids: set[str]
    ) -> Iterator[tuple[str, int, list[StoredPicture]]]:
        """Yield where each page ends, how many pictures it has, and the new ones among them."""
        for page in scan.scan_pictures(self._catalogue, since=since, after=state.position):
            batch = []
            for product, picture in page.pictures:
                if picture["image_id"] not in image_ids:
                    image_ids.add(picture["image_id"])
                    batch.append(StoredPicture(product, picture))
            yield page.position, len(page.pictures), batch

    def _store(
        self,
        done: tuple[str, int, Future[list[PictureRecord]]],
        state: SweepState,
        progress: Progress,
    ) -> SweepState:
        position, count, future = done
        records = future.result()
        for record in records:
            if record.problem:
                progress.say(skip_message(record))
        state = self._checkpoint.append(records, replace(state, position=position))
        progress.advance(count)
        return state

    def _report(self, state: SweepState, opened: OpenedCases, seconds: float) -> SweepReport:
        pictures = no_signal = allowed = skipped = 0
        skipped_file = self._folder / SKIPPED
        with skipped_file.open("w", encoding="utf-8") as file:
            for _, record in self._checkpoint.records:
                pictures += 1
                no_signal += record.no_signal
                allowed += record.allowed
                if record.problem:
                    skipped += 1
                    file.write(json.dumps(record.to_json(), ensure_ascii=False) + "\n")
        if not skipped:
            skipped_file.unlink()
        return SweepReport(
            state.started_at, pictures, no_signal, allowed, skipped, opened, seconds,
            skipped_file if skipped else None,
        )  # fmt: skip

    def _save(self, report: SweepReport) -> None:
        names = ("pictures", "no_signal", "allowed", "skipped")
        saved: Json = {name: getattr(report, name) for name in names}
        saved |= {"started_at": report.started_at.isoformat(), "cases": asdict(report.cases)}
        saved["index"] = self._catalogue.index_name()
        atomic_file.write(self._folder / LAST, json.dumps(saved).encode())


def last_report(state_dir: Path) -> Json | None:
    """Return the stored report of the last finished sweep; None if there was none."""
    with suppress(FileNotFoundError):
        return json.loads((state_dir / FOLDER / LAST).read_text(encoding="utf-8"))
    return None


def unfinished_sweep(state_dir: Path) -> SweepState | None:
    """Return the state of an unfinished sweep; None if there is none."""
    return SweepCheckpoint(state_dir / FOLDER).state()


def skip_message(record: PictureRecord) -> str:
    """Return the line that names a picture that could not be examined."""
    picture = record.picture
    subject = f"picture {picture.image_id} of product {picture.product_id}"
    return skip_line(subject, record.problem)
