"""The whole catalogue, picture by picture: who shows the same photo, and a case for each group.

First the walk, which examines every different picture once and keeps what it found on disk; then
the cases, made of that. A sweep that is killed at any moment goes on where it was: the walk behind
the last batch kept, the cases by opening once more those that are open already, which does nothing.
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
from app.trust.sweeping.worker_pool import WorkerPool, retry_policy
from core import atomic_file
from core.errors import InvalidQuery
from core.locks import process_lock
from core.progress import Progress
from features.base import Json
from mappings.catalogue import scan
from mappings.catalogue.catalogue import Catalogue

FOLDER, LAST, SKIPPED = "sweeps", "last.json", "skipped.jsonl"


@dataclass(frozen=True)
class SweepReport:
    """What a sweep did, over all the runs it took.

    `pictures` counts different files; `skipped` those that could not be examined, each named in a
    line of `skipped_file`. `seconds` are this run's alone.
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
    """Sweeps one catalogue; one process at a time does."""

    def __init__(
        self,
        catalogue: Catalogue,
        hire: Callable[[int], WorkerPool],
        casework: CaseBuilder,
        opening: CaseThresholds,
        state_dir: Path,
        clock: Callable[[], datetime],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`hire` returns who inspects so many pictures."""
        self._catalogue = catalogue
        self._hire = hire
        self._casework = casework
        self._opening = opening
        self._folder = state_dir / FOLDER
        self._ledger = SweepCheckpoint(self._folder)
        self._clock = clock
        self._retry_policy = retry_policy(pause)

    def run(
        self, progress: Progress, *, since: datetime | None = None, restart: bool = False
    ) -> SweepReport:
        """Sweep the pictures added since then, or all; goes on with an unfinished sweep.

        Raises InvalidQuery where the unfinished one was asked for something else, Busy where
        another process is sweeping, and what Elasticsearch brings up; what was found by then is
        kept.
        """
        began = time.monotonic()
        with process_lock(self._folder / "lock", "a sweep"):
            self._catalogue.check_features()
            state = self._begun(since, restart, progress)
            if not state.scanned:
                state = self._walk(state, since, progress)
            opened = self._retry_policy.call(partial(self._casework.open_cases, self._ledger))
            report = self._report(state, opened, time.monotonic() - began)
            self._keep(report)
            self._ledger.end()
        return report

    def _begun(self, since: datetime | None, restart: bool, progress: Progress) -> SweepState:
        asked = {"since": since.isoformat() if since else None, **asdict(self._opening)}
        state = None if restart else self._ledger.state()
        if state is None:
            return self._ledger.begin(SweepState(self._clock(), asked))
        if state.request != asked:
            told = ", ".join(f"{name} {value}" for name, value in state.request.items())
            raise InvalidQuery(
                f"a sweep of {state.started_at:%Y-%m-%d %H:%M} is unfinished, and was begun "
                f"otherwise ({told}); give the same to go on with it, or --restart to forget it"
            )
        progress.say(f"going on with the sweep of {state.started_at:%Y-%m-%d %H:%M}")
        self._ledger.resume(state)
        return state

    def _walk(self, state: SweepState, since: datetime | None, progress: Progress) -> SweepState:
        pictures = scan.count_pictures(self._catalogue, since)
        progress.set_total(pictures)
        seen = {record.picture.image_id for _, record in self._ledger}
        progress.advance(len(seen))
        with self._hire(pictures - len(seen)) as crew:
            work: deque[tuple[str, int, Future[list[PictureRecord]]]] = deque()
            for position, met, batch in self._batches(state, since, seen):
                work.append((position, met, crew.submit(batch)))
                # One batch more than can be at work: nobody ever waits for pages.
                if len(work) > crew.size:
                    state = self._kept(work.popleft(), state, progress)
            while work:
                state = self._kept(work.popleft(), state, progress)
        return self._ledger.save(replace(state, scanned=True))

    def _batches(
        self, state: SweepState, since: datetime | None, seen: set[str]
    ) -> Iterator[tuple[str, int, list[StoredPicture]]]:
        """Yield where each page ends, how many pictures it has, and those not met before."""
        for page in scan.scan_pictures(self._catalogue, since=since, after=state.position):
            batch = []
            for product, picture in page.pictures:
                if picture["image_id"] not in seen:
                    seen.add(picture["image_id"])
                    batch.append(StoredPicture(product, picture))
            yield page.position, len(page.pictures), batch

    def _kept(
        self,
        done: tuple[str, int, Future[list[PictureRecord]]],
        state: SweepState,
        progress: Progress,
    ) -> SweepState:
        position, met, future = done
        records = future.result()
        for record in records:
            if record.problem:
                progress.say(skip_message(record))
        state = self._ledger.append(records, replace(state, position=position))
        progress.advance(met)
        return state

    def _report(self, state: SweepState, opened: OpenedCases, seconds: float) -> SweepReport:
        pictures = no_signal = allowed = skipped = 0
        place = self._folder / SKIPPED
        with place.open("w", encoding="utf-8") as file:
            for _, record in self._ledger:
                pictures += 1
                no_signal += record.no_signal
                allowed += record.allowed
                if record.problem:
                    skipped += 1
                    file.write(json.dumps(record.to_json(), ensure_ascii=False) + "\n")
        if not skipped:
            place.unlink()
        return SweepReport(
            state.started_at, pictures, no_signal, allowed, skipped, opened, seconds,
            place if skipped else None,
        )  # fmt: skip

    def _keep(self, report: SweepReport) -> None:
        names = ("pictures", "no_signal", "allowed", "skipped")
        kept: Json = {name: getattr(report, name) for name in names}
        kept |= {"started_at": report.started_at.isoformat(), "cases": asdict(report.cases)}
        kept["index"] = self._catalogue.index_name()
        atomic_file.write(self._folder / LAST, json.dumps(kept).encode())


def last_report(state_dir: Path) -> Json | None:
    """Return what the last finished sweep kept of itself; None when there was none."""
    with suppress(FileNotFoundError):
        return json.loads((state_dir / FOLDER / LAST).read_text(encoding="utf-8"))
    return None


def unfinished_sweep(state_dir: Path) -> SweepState | None:
    """Return how far a sweep is that was begun and not finished."""
    return SweepCheckpoint(state_dir / FOLDER).state()


def skip_message(record: PictureRecord) -> str:
    """Return the line that names a picture which could not be examined."""
    party = record.picture
    return f"skipped: picture {party.image_id} of product {party.product_id}: {record.problem}"
