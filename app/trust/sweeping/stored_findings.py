"""The findings of the last sweep and of what was checked since, on disk.

Another policy makes other cases of the same findings: so it can be previewed, and put in force
without examining a picture again.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from app.trust.desk.case_policy import CasePolicy
from app.trust.sweeping.checkpoint import PictureRecord, RecordFile
from core import atomic_file

FILE, POLICY = "matches.jsonl", "policy.json"


class StoredFindings(RecordFile):
    """The pictures that match something, each with its findings."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / FILE)
        self._policy_path = folder / POLICY

    def replace(self, records: Iterable[tuple[int, PictureRecord]]) -> None:
        """Store the matches of a sweep of the whole catalogue in place of all before."""
        atomic_file.make_folder(self.path.parent)
        draft = RecordFile(self.path.with_suffix(".new"))
        draft.path.unlink(missing_ok=True)
        draft.append(_matching(record for _, record in records))
        draft.path.replace(self.path)

    def add(self, records: Iterable[PictureRecord]) -> None:
        """Add the matches of pictures that were checked since."""
        if matches := _matching(records):
            atomic_file.make_folder(self.path.parent)
            self.append(matches)

    def policy(self) -> CasePolicy | None:
        """Return the policy that the cases were last built under; None if it is not known."""
        try:
            return CasePolicy(**json.loads(self._policy_path.read_text(encoding="utf-8")))
        except (FileNotFoundError, TypeError, ValueError):
            return None

    def save_policy(self, policy: CasePolicy) -> None:
        """Remember the policy that the cases are built under."""
        atomic_file.write(self._policy_path, json.dumps(asdict(policy)).encode())


def _matching(records: Iterable[PictureRecord]) -> list[PictureRecord]:
    def matches(record: PictureRecord) -> bool:
        return bool(record.shared or record.allowed or record.findings or record.blocked)

    return [record for record in records if matches(record)]
