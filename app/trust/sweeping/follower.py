"""Checks every new or changed picture soon after it arrives in the index.

The follower reads `images.added_at` from a checkpoint on disk. Clocks differ a little, and a
picture is visible only some time after its stamp, so each check goes back over a window before the
newest stamp, and remembers the pictures it has checked there. The checkpoint moves with the stamps,
not with our clock, so that nothing is passed over. Checking a picture twice is harmless.

An index that was never followed before, such as a rebuilt one, is swept first.
"""

import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.trust.desk.intake import OpenedCases
from app.trust.examination.stored_pictures import StoredPicture
from app.trust.sweeping import sweep as sweeps
from app.trust.sweeping.case_builder import CaseBuilder
from app.trust.sweeping.checkpoint import PictureRecord, RecordList
from app.trust.sweeping.stored_findings import StoredFindings
from app.trust.sweeping.stored_picture_examiner import StoredPictureExaminer
from app.trust.sweeping.sweep import Sweep, skip_message
from core import atomic_file
from core.errors import Busy, EngineUnavailable, IndexBlocked, IndexMissing
from core.progress import Progress
from mappings.catalogue import scan
from mappings.catalogue.catalogue import Catalogue

WINDOW = timedelta(seconds=120)
"""Each check goes back so far: for differing clocks, an indexer's retries, and the refresh."""

LONGEST_PAUSE_S = 60.0

TRANSIENT_ERRORS = (Busy, EngineUnavailable, IndexBlocked, IndexMissing)
"""Errors after which waiting may help."""

CHECKPOINT = "follow.json"


@dataclass(frozen=True)
class FollowCheckpoint:
    """How far an index has been followed: the newest `added_at` so far."""

    index: str
    newest: datetime


class Follower:
    """Follows one catalogue; only one process at a time may."""

    def __init__(
        self,
        catalogue: Catalogue,
        examiner: StoredPictureExaminer,
        case_builder: CaseBuilder,
        sweep: Sweep,
        state_dir: Path,
        clock: Callable[[], datetime],
    ) -> None:
        self._catalogue = catalogue
        self._examiner = examiner
        self._case_builder = case_builder
        self._sweep = sweep
        self._state_dir = state_dir
        self._path = state_dir / sweeps.FOLDER / CHECKPOINT
        self._stored_findings = StoredFindings(state_dir / sweeps.FOLDER)
        self._clock = clock
        self._checked: dict[tuple[str, str], datetime] = {}

    def run(self, progress: Progress, every_s: float, stop: threading.Event) -> None:
        """Check for new pictures every `every_s` seconds until `stop` is set.

        While Elasticsearch is away, the waits grow up to a minute; an outage is reported once.
        """
        failures = 0
        while not stop.is_set():
            try:
                self.check_new(progress)
            except TRANSIENT_ERRORS as error:
                if not failures:
                    progress.say(f"waiting: {error}")
                failures += 1
            else:
                if failures:
                    progress.say("going on")
                failures = 0
            stop.wait(min(every_s * 2**failures, max(every_s, LONGEST_PAUSE_S)))

    def check_new(self, progress: Progress) -> int:
        """Check the pictures added since the last check; return how many there were.

        Raises Busy if the index must be swept first and another process is sweeping.
        """
        index = self._catalogue.index_name()
        before = self._checkpoint(index)
        if before is None:
            progress.say("sweeping the whole catalogue first")
            report = self._sweep.run(progress)
            self._save(FollowCheckpoint(index, report.started_at))
            return report.pictures
        self._catalogue.check_features()
        self._apply_policy(progress)
        since, newest = before.newest - WINDOW, before.newest
        total = 0
        for page in scan.scan_pictures(self._catalogue, since=since):
            new = [
                (StoredPicture(product, picture), datetime.fromisoformat(picture["added_at"]))
                for product, picture in page.pictures
                if (product["id"], picture["image_id"]) not in self._checked
            ]
            self._check([stored for stored, _ in new], progress)
            for stored, added_at in new:
                self._checked[stored.product["id"], stored.document["image_id"]] = added_at
                newest = max(newest, added_at)
            total += len(new)
        # A clock that runs ahead must not make us pass over pictures that other clocks stamp.
        after = FollowCheckpoint(index, min(newest, max(self._clock(), before.newest)))
        if after != before:
            self._save(after)
        self._checked = {
            key: at for key, at in self._checked.items() if at >= after.newest - WINDOW
        }
        return total

    def _check(self, batch: list[StoredPicture], progress: Progress) -> None:
        different = {stored.document["image_id"]: stored for stored in batch}
        records: list[PictureRecord] = self._examiner.examine(list(different.values()))
        for record in records:
            if record.problem:
                progress.say(skip_message(record))
        self._stored_findings.add(records)
        self._tell(self._case_builder.open_cases(RecordList(records), progress.say), progress)

    def _apply_policy(self, progress: Progress) -> None:
        """Build the cases anew where the policy has changed since they were built."""
        policy = self._case_builder.read_policy()
        if policy == self._stored_findings.policy() or not self._stored_findings.exists():
            return
        progress.say("building the cases by the policy in force")
        opened = self._case_builder.open_cases(self._stored_findings, progress.say, whole=True)
        self._stored_findings.save_policy(policy)
        self._tell(opened, progress)

    def _tell(self, cases: OpenedCases, progress: Progress) -> None:
        if cases != OpenedCases(unchanged=cases.unchanged):
            progress.say(f"{cases.opened} cases opened, {cases.joined} grew")

    def _checkpoint(self, index: str) -> FollowCheckpoint | None:
        """Return how far this index has been followed or swept; None if not at all."""
        with suppress(FileNotFoundError):
            saved = json.loads(self._path.read_text(encoding="utf-8"))
            if saved["index"] == index:
                return FollowCheckpoint(index, datetime.fromisoformat(saved["seen"]))
        report = sweeps.last_report(self._state_dir)
        if report is not None and report["index"] == index:
            return FollowCheckpoint(index, datetime.fromisoformat(report["started_at"]))
        return None

    def _save(self, checkpoint: FollowCheckpoint) -> None:
        value = {"index": checkpoint.index, "seen": checkpoint.newest.isoformat()}
        atomic_file.write(self._path, json.dumps(value).encode())
