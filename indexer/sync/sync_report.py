"""What a run did to bring the index in step with its source."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class SyncReport:
    """The outcome of a run: what became of the rows that it read.

    `unchanged` rows cost nothing, `updated` products got new fields and no picture was looked at,
    `rewritten` ones are new or have other pictures. `outdated` rows were older than what the
    ledger knows. `removed` products are no longer in the source. `pictures` went in, `reused` among
    them without computing a feature. A run that is not `complete` has not read the whole source.
    """

    rows: int = 0
    unchanged: int = 0
    updated: int = 0
    rewritten: int = 0
    outdated: int = 0
    removed: int = 0
    rejected: int = 0
    pictures: int = 0
    reused: int = 0
    placeholders: int = 0
    seconds: float = 0.0
    complete: bool = True
    interrupted: bool = False
    reading: str = ""
    rejects: Path | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0 when all is in step, 1 when something was rejected or held back, 130 interrupted."""
        if self.interrupted:
            return 130
        return 0 if self.complete and not self.rejected and not self.notes else 1

    @property
    def changes(self) -> int:
        """How many products were written or removed."""
        return self.updated + self.rewritten + self.removed

    def __str__(self) -> str:
        """Return one line for people."""
        counts = (
            (self.unchanged, "unchanged"),
            (self.updated, "updated without pictures"),
            (self.rewritten, "new or with other pictures"),
            (self.removed, "gone"),
            (self.outdated, "older than what is in service"),
            (self.rejected, "rejected"),
        )
        said = ", ".join(f"{number:,} {name}" for number, name in counts if number)
        computed = self.pictures - self.reused
        return (
            f"{self.rows:,} rows: {said or 'nothing to do'}; {computed:,} pictures computed, "
            f"{self.seconds:.1f} s"
        )
