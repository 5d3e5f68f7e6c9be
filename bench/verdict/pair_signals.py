"""Compute the verdict model's signals for every labelled pair."""

import json
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

from app.trust.examination import compared_picture, signals
from app.trust.examination.compared_picture import ComparedPicture
from bench.report import log_progress
from bench.verdict.kind_pairs import kind_pairs
from bench.verdict.labelled_pairs import LabelledPair, catalogue_pictures, labelled_pairs
from core.environment import Environment
from core.errors import LookalikeError
from core.threads import use_single_thread
from features import extraction, registry
from features.geometry.comparison import compare
from features.geometry.keypoint_store import KeypointStore
from features.imaging.decode import FEED_LIMITS, decode
from features.imaging.thumbnails import Thumbnails
from features.registry import Registry

AT_ONCE = 2
AHEAD = 64
TELL_EVERY = 500


@dataclass(frozen=True)
class PairSignals:
    """The signals of one pair, with its truth and origin."""

    truth: str
    kind: str
    edit: str
    a: str
    b: str
    same_file: bool
    signals: Mapping[str, float]


def compute_signals(
    data: Path,
    split: str,
    environment: Environment,
    limit: int | None = None,
    count: int = 0,
    seed: int = 7,
) -> list[PairSignals]:
    """Return the signals of every pair of a split, or of the first `limit`; log broken pictures.

    `count` pairs of each kind of `kind_pairs` follow.
    """
    table: list[PairSignals] = []
    with (
        tempfile.TemporaryDirectory(prefix="lookalike-signals-") as folder,
        # Spawned: OpenCV's threads do not survive a fork.
        ProcessPoolExecutor(
            AT_ONCE, get_context("spawn"), _prepare, (environment, Path(folder))
        ) as processes,
    ):
        pairs: Iterable[LabelledPair] = labelled_pairs(data, seed, (split,), limit, environment)
        if count:
            pictures = catalogue_pictures(data, split, seed, environment)
            pairs = chain(pairs, kind_pairs(split, pictures, count, Path(folder) / "kinds", seed))
        for row in _mapped(processes, pairs):
            if row is not None:
                table.append(row)
                if len(table) % TELL_EVERY == 0:
                    log_progress(f"{split}: {len(table)} pairs seen")
    return table


def _mapped(
    processes: ProcessPoolExecutor, pairs: Iterable[LabelledPair]
) -> Iterator["PairSignals | None"]:
    """Yield results in order; pictures are edited here while the processes work on earlier ones."""
    waiting: deque[Future[PairSignals | None]] = deque()
    for pair in pairs:
        waiting.append(processes.submit(_row, pair))
        if len(waiting) > AHEAD:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


class PairSignalExtractor:
    """Extracts signals as the application does: catalogue pictures through their thumbnails."""

    def __init__(self, features: Registry, folder: Path) -> None:
        self._registry = features
        self._comparing = signals.measurable_features(features)
        self._proving = signals.file_proving_features(features)
        self._thumbnails = Thumbnails(folder / "media")
        self._shelf = KeypointStore(folder / "keypoints", self._thumbnails)
        self._catalogue: dict[Path, ComparedPicture] = {}

    def row(self, pair: LabelledPair) -> PairSignals:
        """Return the signals of one pair."""
        picture = decode(pair.first, FEED_LIMITS)
        query = compared_picture.describe_upload(picture, self._registry, views=False)
        stored = self._stored(pair.second)
        first, second = query.view(), stored.view()
        alignment = compare(first, second) if first and second else None
        return PairSignals(
            pair.truth, pair.kind, pair.edit, pair.a, pair.b,
            signals.is_same_file(query, stored, self._proving),
            {
                **signals.distances(query, stored, self._comparing),
                **signals.alignment_signals(alignment),
            },
        )  # fmt: skip

    def _stored(self, path: Path) -> ComparedPicture:
        if path not in self._catalogue:
            picture = decode(path.read_bytes(), FEED_LIMITS)
            self._thumbnails.save(picture)
            values = extraction.extract_stored(picture, self._registry)
            stored = {**values, "image_id": picture.sha256}
            self._catalogue[path] = compared_picture.describe_stored(
                {"id": str(path)}, stored, self._shelf
            )
        return self._catalogue[path]


_seer: list[PairSignalExtractor] = []


def _prepare(environment: Environment, folder: Path) -> None:
    use_single_thread()
    _seer.append(PairSignalExtractor(registry.load(environment), folder))


def _row(pair: LabelledPair) -> PairSignals | None:
    try:
        return _seer[0].row(pair)
    except LookalikeError as error:
        log_progress(f"{pair.a} ({pair.edit}): {error}")
        return None


def save_signals(table: Iterable[PairSignals], path: Path) -> None:
    """Write the table as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for row in table:
            file.write(json.dumps(vars(row)) + "\n")


def load_signals(path: Path) -> list[PairSignals]:
    """Return the table that `save_signals` wrote."""
    with path.open(encoding="utf-8") as file:
        return [PairSignals(**json.loads(line)) for line in file]
