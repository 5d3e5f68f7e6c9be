"""Labels that reviewers give to shoppers' photos: files that `train-head` and `calibrate` read.

Nothing is stored unless the operator says so (LOOKALIKE_LABEL_DAYS), and then for so many days. A
label is a copy of the photo, which is new pixels without metadata already, and a row in
`labels.csv`. Which photos nobody could label is remembered as well, without the photo.
"""

import csv
import io
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.atomic_file import PRIVATE_MODE, write
from core.locks import file_lock

COLUMNS = ("image", "product_id", "source", "taken_at")
"""As `indexer.training.photo_list` and `indexer.calibration.labelled_queries` read them."""

PHOTOS, TABLE, ANSWERED = "photos", "labels.csv", "answered.csv"
SHOPPER = "shopper"
DAY_S = 86_400.0


@dataclass(frozen=True)
class PhotoLabel:
    """A row: the photo's path in the folder, the product it shows, who took it, and when."""

    image: str
    product_id: str
    source: str
    taken_at: str


class PhotoLabels:
    """The labels of one installation. Safe for several processes at once."""

    def __init__(self, folder: Path, days: int, clock: Callable[[], float] = time.time) -> None:
        """`days` is how long a label is stored; 0 stores none."""
        self._folder = folder
        self._days = days
        self._clock = clock

    @property
    def is_enabled(self) -> bool:
        """Whether labels may be stored."""
        return self._days > 0

    @property
    def table(self) -> Path:
        """The file of labels."""
        return self._folder / TABLE

    def add(self, query_id: str, product_id: str, photo: bytes) -> None:
        """Store that a search's photo, a JPEG, shows this product; labels that expired go."""
        image = f"{PHOTOS}/{query_id}.jpg"
        at = datetime.fromtimestamp(self._clock(), UTC).isoformat(timespec="seconds")
        label = PhotoLabel(image, product_id, SHOPPER, at)
        with self._locked():
            (self._folder / PHOTOS).mkdir(exist_ok=True, mode=0o700)
            write(self._folder / image, photo, PRIVATE_MODE)
            rows = [row for row in self._current() if row.image != image]
            self._store([*rows, label])
            self._answer(query_id)

    def skip(self, query_id: str) -> None:
        """Remember that nobody needs to be shown this search's photo again."""
        with self._locked():
            self._answer(query_id)

    def undo(self, query_id: str) -> None:
        """Take the label of a search's photo back, and delete its copy."""
        image = f"{PHOTOS}/{query_id}.jpg"
        with self._locked():
            self._store([row for row in self._current() if row.image != image])
            (self._folder / image).unlink(missing_ok=True)
            answered = [row for row in self._answers() if row[0] != query_id]
            self._store_answers(answered)

    def answered(self) -> set[str]:
        """Return the ids of the searches whose photo was labelled or skipped."""
        return {query_id for query_id, _ in self._answers()}

    def labels(self) -> list[PhotoLabel]:
        """Return the labels that have not expired."""
        return list(self._current())

    def _locked(self) -> AbstractContextManager[None]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return file_lock(self._folder / "lock")

    def _current(self) -> Iterator[PhotoLabel]:
        """Yield the labels that have not expired; the photos of others are deleted."""
        oldest = self._clock() - self._days * DAY_S
        for row in self._rows(TABLE):
            label = PhotoLabel(**row)
            if datetime.fromisoformat(label.taken_at).timestamp() >= oldest:
                yield label
            else:
                (self._folder / label.image).unlink(missing_ok=True)

    def _rows(self, name: str) -> list[dict[str, str]]:
        try:
            text = (self._folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def _store(self, labels: list[PhotoLabel]) -> None:
        rows = [(row.image, row.product_id, row.source, row.taken_at) for row in labels]
        self._write(TABLE, [COLUMNS, *rows])

    def _answers(self) -> list[tuple[str, float]]:
        oldest = self._clock() - DAY_S
        rows = [(row["query_id"], float(row["at"])) for row in self._rows(ANSWERED)]
        return [(query_id, at) for query_id, at in rows if at >= oldest]

    def _answer(self, query_id: str) -> None:
        self._store_answers([*self._answers(), (query_id, self._clock())])

    def _store_answers(self, answers: list[tuple[str, float]]) -> None:
        rows = [(query_id, f"{at:.0f}") for query_id, at in answers]
        self._write(ANSWERED, [("query_id", "at"), *rows])

    def _write(self, name: str, rows: Iterable[Sequence[str]]) -> None:
        lines = io.StringIO(newline="")
        csv.writer(lines).writerows(rows)
        write(self._folder / name, lines.getvalue().encode(), PRIVATE_MODE)
