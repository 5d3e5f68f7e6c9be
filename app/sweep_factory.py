"""Builds the sweep and the follower from a running application's services."""

import os
from collections.abc import Collection

from app.service_selector import ModelServiceSelector
from app.services import Services, build_services
from app.settings import AppSettings
from app.trust.desk.case_policy import CasePolicy
from app.trust.desk.decision import now
from app.trust.sweeping import sweep as sweeps
from app.trust.sweeping import worker_pool
from app.trust.sweeping.case_builder import CaseBuilder
from app.trust.sweeping.case_thresholds import CaseThresholds
from app.trust.sweeping.dispute_finder import DisputeFinder
from app.trust.sweeping.existing_cases import ExistingCases
from app.trust.sweeping.follower import Follower
from app.trust.sweeping.stored_findings import StoredFindings
from app.trust.sweeping.stored_picture_examiner import ListingsByImage, StoredPictureExaminer
from app.trust.sweeping.sweep import Sweep
from app.trust.sweeping.worker_pool import WorkerFactory, WorkerPool
from core.environment import Environment
from features.registry import load, load_next
from mappings.catalogue import scan


class SweepFactory:
    """Builds sweeps and followers with the settings of the web server.

    `worker_factory` builds an examiner in another process; without it a sweep uses threads alone.
    """

    def __init__(
        self,
        services: Services,
        thresholds: CaseThresholds,
        worker_factory: WorkerFactory | None = None,
    ) -> None:
        self._services = services
        self._thresholds = thresholds
        self._worker_factory = worker_factory
        self.examiner = StoredPictureExaminer(
            services.examiner,
            services.banks,
            self._find_listings,
            thresholds,
            services.thumbnails.is_readable,
        )
        finder = DisputeFinder(
            ExistingCases(services.desk_index), services.desk, self._find_listings
        )
        self._case_builder = CaseBuilder(
            services.desk,
            finder,
            self._find_listings,
            thresholds,
            services.desk.policies.current,
            now,
        )

    def _find_listings(self, image_ids: Collection[str]) -> ListingsByImage:
        return scan.listings_showing(self._services.catalogue, image_ids)

    def count_cases(self, policy: CasePolicy) -> int | None:
        """Return how many cases would be open under a policy; None before the first sweep."""
        findings = StoredFindings(self._services.settings.state_dir / sweeps.FOLDER)
        return self._case_builder.count_cases(findings, policy) if findings.exists() else None

    def sweep(self) -> Sweep:
        """Return a sweep of the whole catalogue."""
        return Sweep(
            self._services.catalogue,
            self._open_pool,
            self._case_builder,
            self._thresholds,
            self._services.settings.state_dir,
            now,
        )

    def follow(self) -> Follower:
        """Return a follower of the catalogue."""
        return Follower(
            self._services.catalogue,
            self.examiner,
            self._case_builder,
            self.sweep(),
            self._services.settings.state_dir,
            now,
        )

    def _open_pool(self, pictures: int) -> WorkerPool:
        cores = len(os.sched_getaffinity(0))
        if self._worker_factory is None or cores == 1 or pictures < worker_pool.WORTH_PROCESSES:
            return worker_pool.thread_pool(self.examiner, cores)
        return worker_pool.process_pool(self._worker_factory, cores)


def build_batch_examiner(
    environment: Environment, thresholds: CaseThresholds
) -> StoredPictureExaminer:
    """Return an examiner for a process of its own."""
    registry = load(environment)
    base = build_services(
        AppSettings.from_env(environment), registry, load_next(environment, registry)
    )
    return SweepFactory(ModelServiceSelector(base).current(), thresholds).examiner
