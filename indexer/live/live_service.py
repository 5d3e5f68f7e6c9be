"""What the web application changes the catalogue with: put together once per worker."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from core.environment import Environment
from core.retries import RetryPolicy
from features.base import Feature
from features.capabilities import Deferred
from features.fetching.web import WebClient
from features.imaging.decode import FEED_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.regions.finders import RegionFinderChain
from features.registry import Registry
from features.registry import load as load_features
from indexer.feeds.columns import is_known
from indexer.ledger.ledger import Ledger
from indexer.ledger.settings import FOLDER, ledger_path
from indexer.live.bulk_lines import read_line
from indexer.live.change_request import ChangeRequest, ItemResult
from indexer.live.errors import ProductRefused
from indexer.live.idempotency import Answers
from indexer.live.job_runner import JobRunner
from indexer.live.job_store import Job, JobStore
from indexer.live.live_catalogue import LiveCatalogue, LiveTools
from indexer.live.live_database import open_database
from indexer.live.new_placeholders import NewPlaceholders
from indexer.live.settings import LiveSettings
from indexer.live.slow_features import SlowFeatures
from indexer.live.uploaded_pictures import PictureUploads
from indexer.live.waiting_picture_reader import WaitingPictureReader
from indexer.live.waiting_pictures import WaitingPictures
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.fields import ProductFields
from mappings.engine.connection import EngineSettings, connect

DECODE_S = 20.0
DECODER_WAIT_S = 30.0
"""How long a picture waits for a decoding process: nobody looks at a page meanwhile."""

OUTAGE_S = 5.0
"""How long a request waits for Elasticsearch to come back."""


class LiveService:
    """Changes products. Thread-safe; one per worker. Nothing is opened before the first change."""

    def __init__(
        self,
        settings: LiveSettings,
        engine: EngineSettings,
        registry: Registry,
        spare: Iterable[Feature],
        fields: ProductFields,
        finders: RegionFinderChain,
        *,
        decoders: int,
    ) -> None:
        self.settings = settings
        gateway = connect(engine, api_key=settings.api_key)
        catalogue = Catalogue(gateway, registry, engine.index, spare=spare, fields=fields)
        state = settings.state_dir
        self._fields = fields
        self._sandbox = Sandbox(decoders, FEED_LIMITS, timeout_s=DECODE_S, wait_s=DECODER_WAIT_S)
        self._ledger = Ledger(ledger_path(state, engine.index), settings.tombstone_days)
        self._database = open_database(state / FOLDER, engine.index)
        writer = RecordedWriter(catalogue, self._ledger, RetryPolicy(OUTAGE_S))
        slow = ",".join(name for name, one in registry.items() if isinstance(one, Deferred))
        slow_only = Environment({**settings.environment.values, "LOOKALIKE_FEATURES": slow})
        web = WebClient(
            replace(settings.fetching, http=True), FEED_LIMITS.max_bytes, settings.permit
        )
        thumbnails = Thumbnails(state / "media")
        self._slow_features = SlowFeatures(
            partial(load_features, slow_only),
            catalogue,
            RetryPolicy(OUTAGE_S),
            WaitingPictures(state / FOLDER, engine.index),
            WaitingPictureReader(web, self._sandbox, thumbnails).read,
        )
        self._stop = threading.Event()
        placeholders = NewPlaceholders(catalogue, settings.placeholder_products, self._stop.is_set)
        tools = LiveTools(
            catalogue=catalogue,
            ledger=self._ledger,
            writer=writer,
            web=web,
            decoder=self._sandbox,
            thumbnails=thumbnails,
            slow_features=self._slow_features,
            placeholders=placeholders,
            finders=finders,
        )
        self._catalogue = LiveCatalogue(tools, settings.loading)
        self._jobs = JobStore(self._database)
        self._runner = JobRunner(self._jobs, self._catalogue, writer, self._ledger, placeholders)
        self.answers = Answers(self._database)

    def start(self) -> None:
        """Take up what processes that died have left, now and from time to time."""
        self._runner.start()
        self._slow_features.start()

    def close(self) -> None:
        """End after the changes at work."""
        self._stop.set()
        self._runner.close()
        self._slow_features.close()
        self._sandbox.close()
        self._ledger.close()
        self._database.close()

    def change(self, request: ChangeRequest, *, wait: bool) -> ItemResult:
        """Carry out a change without pictures, at once. Raises what `LiveCatalogue.apply` does."""
        arrival = self._ledger.next_arrival()
        (result,) = self._catalogue.apply([(arrival, request)], PictureUploads(), wait=wait)
        return result

    def run(
        self, requests: Sequence[ChangeRequest | ItemResult], uploads: PictureUploads, *, wait: bool
    ) -> Job:
        """Work on changes within the settings' patience; return the job as it is then."""
        arrival = self._ledger.next_arrival(max(1, len(requests)))
        return self._runner.run(
            requests, uploads, arrival, is_waited=wait, patience_s=self.settings.patience_s
        )

    def job(self, key: str) -> Job:
        """Return a job; raises NotFound."""
        return self._jobs.read(key)

    def read_lines(self, body: bytes) -> list[ChangeRequest | ItemResult]:
        """Return the changes of a bulk request; a line that says none gives its result.

        Raises ProductRefused for a request without a line or with more than are allowed.
        """
        lines = [line for line in body.splitlines() if line.strip()]
        if not lines:
            raise ProductRefused("the body is empty: send one JSON object a line")
        if len(lines) > self.settings.bulk_lines:
            raise ProductRefused(
                f"{len(lines):,} lines are too many: send {self.settings.bulk_lines:,} at most "
                "(LOOKALIKE_WRITER_LINES)"
            )
        return [self._read_line(line) for line in lines]

    def _read_line(self, line: bytes) -> ChangeRequest | ItemResult:
        try:
            return read_line(line, self._fields)
        except ProductRefused as error:
            return ItemResult("", "unreadable", "unreadable_line", str(error))

    def is_column(self, name: str) -> bool:
        """Say whether a product has such a column."""
        return is_known(name, self._fields)
