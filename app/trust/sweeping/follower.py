"""Every new or changed picture is checked soon after it is found in the index.

Follows `images.added_at` from a checkpoint on disk. Clocks differ a little and a picture is
findable only some time after its stamp, so every look goes back over a window before the newest
stamp seen; what was met there is remembered. The checkpoint moves with the stamps, not with our
clock: where nothing arrives, nothing is passed over. Looking twice is harmless.

An index never followed before, such as one just rebuilt, is swept first.
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
from app.trust.sweeping import sweep
from app.trust.sweeping.case_builder import CaseBuilder
from app.trust.sweeping.checkpoint import PictureRecord, RecordList
from app.trust.sweeping.picture_inspector import PictureInspector
from app.trust.sweeping.sweep import Sweep, skip_message
from core import atomic_file
from core.errors import Busy, EngineUnavailable, IndexBlocked, IndexMissing
from core.progress import Progress
from mappings.catalogue import scan
from mappings.catalogue.catalogue import Catalogue

WINDOW = timedelta(seconds=120)
"""Looked back over each time: clocks that are apart, an indexer's retries, a refresh."""

LONGEST_PAUSE_S = 60.0

TRANSIENT_ERRORS = (Busy, EngineUnavailable, IndexBlocked, IndexMissing)
"""Errors that waiting may cure."""

CHECKPOINT = "follow.json"


@dataclass(frozen=True)
class FollowCheckpoint:
    """How far an index has been followed: the newest `added_at` seen there."""

    index: str
    newest: datetime


class Follower:
    """Follows one catalogue; one process at a time does."""

    def __init__(
        self,
        catalogue: Catalogue,
        inspection: PictureInspector,
        casework: CaseBuilder,
        full: Sweep,
        state_dir: Path,
        clock: Callable[[], datetime],
    ) -> None:
        self._catalogue = catalogue
        self._inspection = inspection
        self._casework = casework
        self._sweep = full
        self._state_dir = state_dir
        self._path = state_dir / sweep.FOLDER / CHECKPOINT
        self._clock = clock
        self._met: dict[tuple[str, str], datetime] = {}

    def run(self, progress: Progress, every_s: float, stop: threading.Event) -> None:
        """Look every `every_s` seconds until told to stop.

        An absent Elasticsearch is waited for, longer and longer, up to a minute, and told once.
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
        """Check what is new since the last look; return how many pictures that was.

        Raises Busy where the index must be swept first and another process is sweeping.
        """
        index = self._catalogue.index_name()
        before = self._checkpoint(index)
        if before is None:
            progress.say("looking through the whole catalogue first")
            report = self._sweep.run(progress)
            self._keep(FollowCheckpoint(index, report.started_at))
            return report.pictures
        self._catalogue.check_features()
        since, newest = before.newest - WINDOW, before.newest
        total = 0
        for page in scan.scan_pictures(self._catalogue, since=since):
            new = [
                (StoredPicture(product, picture), datetime.fromisoformat(picture["added_at"]))
                for product, picture in page.pictures
                if (product["id"], picture["image_id"]) not in self._met
            ]
            self._check([listed for listed, _ in new], progress)
            for listed, added_at in new:
                self._met[listed.product["id"], listed.document["image_id"]] = added_at
                newest = max(newest, added_at)
            total += len(new)
        # A clock that runs ahead must not make us pass over what the others stamp.
        after = FollowCheckpoint(index, min(newest, max(self._clock(), before.newest)))
        if after != before:
            self._keep(after)
        self._met = {key: at for key, at in self._met.items() if at >= after.newest - WINDOW}
        return total

    def _check(self, batch: list[StoredPicture], progress: Progress) -> None:
        different = {one.document["image_id"]: one for one in batch}
        records: list[PictureRecord] = self._inspection.inspect(list(different.values()))
        for record in records:
            if record.problem:
                progress.say(skip_message(record))
        cases = self._casework.open_cases(RecordList(records))
        if cases != OpenedCases(unchanged=cases.unchanged):
            progress.say(f"{cases.opened} cases opened, {cases.joined} grew")

    def _checkpoint(self, index: str) -> FollowCheckpoint | None:
        """Return how far this index has been followed, or swept; None when not at all."""
        with suppress(FileNotFoundError):
            kept = json.loads(self._path.read_text(encoding="utf-8"))
            if kept["index"] == index:
                return FollowCheckpoint(index, datetime.fromisoformat(kept["seen"]))
        swept = sweep.last_report(self._state_dir)
        if swept is not None and swept["index"] == index:
            return FollowCheckpoint(index, datetime.fromisoformat(swept["started_at"]))
        return None

    def _keep(self, checkpoint: FollowCheckpoint) -> None:
        kept = {"index": checkpoint.index, "seen": checkpoint.newest.isoformat()}
        atomic_file.write(self._path, json.dumps(kept).encode())
