"""What a sweep has found so far, on disk: killed at any moment, the next one goes on from there.

Two files in a folder: `findings.jsonl` has a line for every picture examined, `state.json` says
how many bytes of it count and where the walk goes on. The lines are written first, so what lies
beyond those bytes belongs to a batch that was never finished, and is cut off.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from app.trust.examination.evidence import Finding, ListingPicture
from core import atomic_file
from features.base import Json

FINDINGS, STATE = "findings.jsonl", "state.json"


@dataclass(frozen=True)
class PictureRecord:
    """One examined picture, met at one of the listings that show it.

    `shared` says that several listings show the very same file. `allowed` pictures never make a
    case. `findings` lay this picture over others of the catalogue, `blocked` over entries of the
    blocked bank. `problem` says why nothing was found out, '' when all went well.
    """

    picture: ListingPicture
    shared: bool = False
    allowed: bool = False
    no_signal: bool = False
    findings: tuple[Finding, ...] = ()
    blocked: tuple[Finding, ...] = ()
    problem: str = ""

    def to_json(self) -> Json:
        """Return plain JSON; what is as usual is left out, since most pictures match nothing."""
        kept: dict[str, Json] = {"party": [self.picture.product_id, self.picture.image_id]}
        kept |= {name: True for name in ("shared", "allowed", "no_signal") if getattr(self, name)}
        for name in ("findings", "blocked"):
            if found := getattr(self, name):
                kept[name] = [finding.to_json() for finding in found]
        return kept | ({"problem": self.problem} if self.problem else {})

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> "PictureRecord":
        """Return what `to_json` gave."""
        found = {
            name: tuple(Finding.from_json(one) for one in value.get(name, ()))
            for name in ("findings", "blocked")
        }
        return cls(
            ListingPicture(*value["party"]),
            shared=value.get("shared", False),
            allowed=value.get("allowed", False),
            no_signal=value.get("no_signal", False),
            problem=value.get("problem", ""),
            **found,
        )


class Records(Protocol):
    """Examined pictures, each under a number it can be read again by."""

    def __iter__(self) -> Iterator[tuple[int, PictureRecord]]:
        """Yield every record with its number."""
        ...

    def __getitem__(self, number: int) -> PictureRecord:
        """Return the record of that number."""
        ...


class RecordList:
    """Records in memory, for a handful."""

    def __init__(self, records: list[PictureRecord]) -> None:
        self._records = records

    def __iter__(self) -> Iterator[tuple[int, PictureRecord]]:
        return iter(enumerate(self._records))

    def __getitem__(self, number: int) -> PictureRecord:
        return self._records[number]


@dataclass(frozen=True)
class SweepState:
    """How far a sweep is. `asked` is what it was told to do: another must not go on with it."""

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
    """The files of one sweep. For one process at a time."""

    def __init__(self, folder: Path) -> None:
        self._findings = folder / FINDINGS
        self._state = folder / STATE

    def state(self) -> SweepState | None:
        """Return how far the unfinished sweep is; None when there is none."""
        try:
            return SweepState.from_json(json.loads(self._state.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def begin(self, state: SweepState) -> SweepState:
        """Forget an unfinished sweep and begin another."""
        self._state.unlink(missing_ok=True)
        atomic_file.make_folder(self._findings.parent)
        self._findings.write_bytes(b"")
        return self.save(state)

    def resume(self, state: SweepState) -> None:
        """Cut off what a killed process left half-done."""
        os.truncate(self._findings, state.findings_bytes)

    def append(self, records: list[PictureRecord], state: SweepState) -> SweepState:
        """Keep a batch's records and how far the walk is with it, all or nothing."""
        with self._findings.open("ab") as file:
            for record in records:
                line = json.dumps(record.to_json(), ensure_ascii=False, separators=(",", ":"))
                file.write(line.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
            size = file.tell()
        return self.save(replace(state, findings_bytes=size))

    def save(self, state: SweepState) -> SweepState:
        """Keep the state."""
        atomic_file.write(self._state, json.dumps(state.to_json()).encode())
        return state

    def end(self) -> None:
        """Forget the sweep: it is done."""
        self._state.unlink(missing_ok=True)
        self._findings.unlink(missing_ok=True)

    def __iter__(self) -> Iterator[tuple[int, PictureRecord]]:
        """Yield every record with its place in the file."""
        at = 0
        with self._findings.open("rb") as file:
            for line in file:
                yield at, PictureRecord.from_json(json.loads(line))
                at += len(line)

    def __getitem__(self, number: int) -> PictureRecord:
        with self._findings.open("rb") as file:
            file.seek(number)
            return PictureRecord.from_json(json.loads(file.readline()))
