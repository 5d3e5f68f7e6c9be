"""What the actors of a cluster do with a batch: fetch and decode, then extract and build.

An actor gets no right to Elasticsearch: what it must know of the index comes with the batch. It
needs the pictures, the model and the thumbnails' folder at the same paths as the program that
loads.
"""

import os
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.environment import Environment
from core.errors import LookalikeError
from core.retries import RetryPolicy
from features.base import Feature, Json
from features.fetching.settings import FetchSettings
from features.fingerprint import fingerprint
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.regions import finders
from features.regions.finders import RegionFinderChain
from indexer.fetching.fetcher import Fetcher
from indexer.loading.batch_processor import BatchTask, BuiltBatch
from indexer.loading.batch_work import extract_batch, fetch_batch
from indexer.loading.dependencies import PictureDependencies
from indexer.loading.pending_picture import PendingPicture
from indexer.loading.picture_pipeline import PicturePipeline
from indexer.loading.report import Tally
from indexer.settings import LoadSettings
from mappings.catalogue.errors import ModelMismatch
from mappings.catalogue.versions import with_field

DECODE_S = 20.0

SECRETS = ("_KEY", "_TOKEN", "_PASSWORD")
"""Ends of the names of settings that an actor has no use for, but for the feature service's key."""

NOTHING = BatchTask((), {}, "")
"""In place of a batch on its way back, which is known where it came from."""

Versions = Mapping[str, tuple[str, Json]]
"""Document field → name and fingerprint of the feature that fills it."""


@dataclass(frozen=True)
class WorkerPlan:
    """What an actor is built from; picklable.

    `build_features` builds every version of every feature that a batch may ask for. `home` is where
    relative picture addresses start, `media` the thumbnails' folder.
    """

    environment: Environment
    home: Path
    media: Path
    fetching: FetchSettings
    settings: LoadSettings
    build_features: Callable[[Environment], Sequence[Feature]]


@dataclass(frozen=True)
class SentBatch:
    """A batch on its way; `pictures` are there once they are decoded, `error` once it failed."""

    task: BatchTask
    versions: Versions
    pictures: Sequence[PendingPicture] = ()
    built: BuiltBatch | None = None
    stages: Mapping[str, float] | None = None
    error: LookalikeError | None = None


def settings_for_actors(environment: Environment) -> Environment:
    """Return our settings without the secrets that open Elasticsearch or the web server."""
    return Environment(
        {
            name: value
            for name, value in environment.values.items()
            if name.startswith("LOOKALIKE_")
            and (not name.endswith(SECRETS) or name == "LOOKALIKE_FEATURE_KEY")
        }
    )


def versions_of(fields: Mapping[str, Feature]) -> Versions:
    """Return what an actor finds the features of these fields by."""
    return {field: (one.name, fingerprint(one)) for field, one in fields.items()}


class BatchDecoder:
    """Fetches and decodes; the actor's first kind. Called with pickled batches."""

    def __init__(self, plan: WorkerPlan) -> None:
        self._pipeline, self._tally = _open_pipeline(plan)

    def __call__(self, sent: SentBatch) -> SentBatch:
        """Return the batch with its pictures."""
        return replace(
            sent,
            pictures=fetch_batch(sent.task, self._pipeline),
            stages=_taken(self._tally),
        )


class BatchExtractor:
    """Extracts features and builds documents; the actor's second kind."""

    def __init__(self, plan: WorkerPlan) -> None:
        self._pipeline, self._tally = _open_pipeline(plan)
        self._features = tuple(plan.build_features(_own_environment(plan)))

    def __call__(self, sent: SentBatch) -> SentBatch:
        """Return the batch with its documents, and without its pictures."""
        fields = {field: self._find(field, *mark) for field, mark in sent.versions.items()}
        built = extract_batch(sent.task, sent.pictures, fields, self._pipeline)
        stages = {**(sent.stages or {}), **_taken(self._tally)}
        return replace(sent, task=NOTHING, pictures=(), built=built, stages=stages)

    def _find(self, field: str, name: str, mark: Json) -> Feature:
        for feature in self._features:
            if feature.name == name and fingerprint(feature) == mark:
                return with_field(feature, field)
        raise ModelMismatch(
            f"an actor of the cluster has another {name} than this program: give all its machines "
            "the same version, settings and model files"
        )


def apply_safely(work: Callable[[SentBatch], SentBatch], content: bytes) -> bytes:
    """Do an actor's work on a pickled batch; an error of ours goes on with it.

    Whatever else is raised is the cluster's, which repeats the work elsewhere.
    """
    batch: SentBatch = pickle.loads(content)  # noqa: S301 - written by the program that loads
    if batch.error is None:
        try:
            batch = work(batch)
        except LookalikeError as error:
            batch = replace(batch, pictures=(), error=error)
    return pickle.dumps(batch, pickle.HIGHEST_PROTOCOL)


def _own_environment(plan: WorkerPlan) -> Environment:
    return Environment({**os.environ, **plan.environment.values})


def _open_pipeline(plan: WorkerPlan) -> tuple[PicturePipeline, Tally]:
    tally = Tally()
    settings = replace(plan.settings, workers=1)
    dependencies = PictureDependencies(
        fetcher=Fetcher(plan.home, plan.fetching, FEED_LIMITS.max_bytes),
        decoder=Sandbox(1, FEED_LIMITS, timeout_s=DECODE_S),
        thumbnails=Thumbnails(plan.media),
        finders=(finders.load(_own_environment(plan)) if settings.regions else RegionFinderChain()),
    )
    return PicturePipeline(dependencies, settings, tally, RetryPolicy(settings.patience_s)), tally


def _taken(tally: Tally) -> dict[str, float]:
    """Return the stages' seconds since the last time."""
    stages = dict(tally.stages)
    tally.stages.clear()
    return stages
