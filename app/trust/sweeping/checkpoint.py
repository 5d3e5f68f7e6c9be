"""The findings of a sweep so far, on disk: a sweep that is killed goes on from there.

There are two files: `findings.jsonl` has a line for every examined picture; `state.json` says how
many bytes of it are valid and where the scan goes on. The lines are written first, so anything
beyond those bytes belongs to an unfinished batch, and is cut off.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from app.trust.examination.evidence import ListingPicture, PairFinding
from core import atomic_file
from features.base import Json

FINDINGS, STATE = "findings.jsonl", "state.json"


@dataclass(frozen=True)
class PictureRecord:
    """One examined picture, with one of the listings that show it.

    `shared` says that several listings show the same file. `allowed` pictures never open a case.
    `findings` are about other pictures of the catalogue, `blocked` about entries of the blocked
    bank. `problem` says why the picture could not be examined; '' if it was.
    """

    picture: ListingPicture
    shared: bool = False
    allowed: bool = False
    no_signal: bool = False
    findings: tuple[PairFinding, ...] = ()
    blocked: tuple[PairFinding, ...] = ()
    problem: str = ""

    def to_json(self) -> Json:
        """Return plain JSON without default values, since most pictures match nothing."""
        value: dict[str, Json] = {"party": [self.picture.product_id, self.picture.image_id]}
        value |= {name: True for name in ("shared", "allowed", "no_signal") if getattr(self, name)}
        for name in ("findings", "blocked"):
            if findings := getattr(self, name):
                value[name] = [finding.to_json() for finding in findings]
        return value | ({"problem": self.problem} if self.problem else {})

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> "PictureRecord":
        """Return what `to_json` gave."""
        findings = {
            name: tuple(PairFinding.from_json(one) for one in value.get(name, ()))
            for name in ("findings", "blocked")
        }
        return cls(
            ListingPicture(*value["party"]),
            shared=value.get("shared", False),
            allowed=value.get("allowed", False),
            no_signal=value.get("no_signal", False),
            problem=value.get("problem", ""),
            **findings,
        )


class Records(Protocol):
    """Examined pictures, each with a number to read it again."""

    def __iter__(self) -> Iterator[tuple[int, PictureRecord]]:
        """Yield every record with its number."""
        ...

    def __getitem__(self, number: int) -> PictureRecord:
        """Return the record of that number."""
        ...


class RecordList:
    """A few records, in memory."""

    def __init__(self, records: list[PictureRecord]) -> None:
        self._records = records

    def __iter__(self) -> Iterator[tuple[int, PictureRecord]]:
        return iter(enumerate(self._records))

    def __getitem__(self, number: int) -> PictureRecord:
        return self._records[number]


class RecordFile:
    """Records in a file, one a line; the number of a record is its place in bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, records: Sequence[PictureRecord]) -> int:
        """Add records; return the size of the file in bytes."""
        with self.path.open("ab") as file:
            for record in records:
                line = json.dumps(record.to_json(), ensure_ascii=False, separators=(",", ":"))
                file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def exists(self) -> bool:
        """Return whether the file is there."""
        return self.path.exists()

    def __iter__(self) -> Iterator[tuple[int, PictureRecord]]:
        """Yield every record with its number."""
        offset = 0
        with self.path.open("rb") as file:
            for line in file:
                yield offset, PictureRecord.from_json(json.loads(line))
                offset += len(line)

    def __getitem__(self, number: int) -> PictureRecord:
        with self.path.open("rb") as file:
            file.seek(number)
            return PictureRecord.from_json(json.loads(file.readline()))


@dataclass(frozen=True)
class SweepState:
    """The progress of a sweep. `request` holds its options: only a sweep with the same goes on."""

    started_at: datetime
    request: Mapping[str, Json] = field(default_factory=dict)
    position: str | None = None
    scanned: bool = False
    findings_bytes: int = 0

    def to_json(self) -> Json:
        """Return plain JSON."""
        return {
            "started_at": self.started_at.isoformat(),
            "asked": dict(self.request),
            "position": self.position,
            "walked": self.scanned,
            "bytes": self.findings_bytes,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> "SweepState":
        """Return what `to_json` gave."""
        return cls(
            started_at=datetime.fromisoformat(value["started_at"]),
            request=value["asked"],
            position=value["position"],
            scanned=value["walked"],
            findings_bytes=value["bytes"],
        )


class SweepCheckpoint:
    """The files of one sweep, for one process at a time."""

    def __init__(self, folder: Path) -> None:
        self.records = RecordFile(folder / FINDINGS)
        self._state = folder / STATE

    def state(self) -> SweepState | None:
        """Return the state of the unfinished sweep; None if there is none."""
        try:
            return SweepState.from_json(json.loads(self._state.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def begin(self, state: SweepState) -> SweepState:
        """Discard an unfinished sweep and begin another."""
        self._state.unlink(missing_ok=True)
        atomic_file.make_folder(self.records.path.parent)
        self.records.path.write_bytes(b"")
        return self.save(state)

    def resume(self, state: SweepState) -> None:
        """Cut off the unfinished batch of a killed process."""
        os.truncate(self.records.path, state.findings_bytes)

    def append(self, records: list[PictureRecord], state: SweepState) -> SweepState:
        """Store a batch's records and the scan's position after it, all or nothing."""
        return self.save(replace(state, findings_bytes=self.records.append(records)))

    def save(self, state: SweepState) -> SweepState:
        """Store the state."""
        atomic_file.write(self._state, json.dumps(state.to_json()).encode())
        return state

    def end(self) -> None:
        """Delete the files of a finished sweep."""
        self._state.unlink(missing_ok=True)
        self.records.path.unlink(missing_ok=True)
