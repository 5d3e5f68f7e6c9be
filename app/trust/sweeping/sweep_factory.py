"""The sweep and the follower, put together from a running application's parts."""

import os
from collections.abc import Collection

from app.service_selector import ModelServiceSelector
from app.services import Services, build_services
from app.settings import AppSettings
from app.trust.desk.decision import now
from app.trust.sweeping import worker_pool
from app.trust.sweeping.case_builder import CaseBuilder
from app.trust.sweeping.case_thresholds import CaseThresholds
from app.trust.sweeping.existing_cases import ExistingCases
from app.trust.sweeping.follower import Follower
from app.trust.sweeping.picture_inspector import ListingsByImage, PictureInspector
from app.trust.sweeping.sweep import Sweep
from app.trust.sweeping.worker_pool import WorkerFactory, WorkerPool
from core.environment import Environment
from features.registry import load, load_next
from mappings.catalogue import scan


class SweepFactory:
    """What runs beside the web server, on the same settings.

    `recruit` makes an inspection in another process; without it a sweep has threads alone.
    """

    def __init__(
        self, services: Services, opening: CaseThresholds, recruit: WorkerFactory | None = None
    ) -> None:
        self._services = services
        self._opening = opening
        self._recruit = recruit
        self.inspection = PictureInspector(
            services.examiner,
            services.banks,
            self._showing,
            opening,
            services.thumbnails.is_readable,
        )
        precedents = ExistingCases(services.desk_index)
        self._casework = CaseBuilder(services.desk, precedents, self._showing, opening, now)

    def _showing(self, image_ids: Collection[str]) -> ListingsByImage:
        return scan.listings_showing(self._services.catalogue, image_ids)

    def sweep(self) -> Sweep:
        """Return a sweep of the whole catalogue."""
        return Sweep(
            self._services.catalogue,
            self._crew,
            self._casework,
            self._opening,
            self._services.settings.state_dir,
            now,
        )

    def follow(self) -> Follower:
        """Return a follower of the catalogue."""
        return Follower(
            self._services.catalogue,
            self.inspection,
            self._casework,
            self.sweep(),
            self._services.settings.state_dir,
            now,
        )

    def _crew(self, pictures: int) -> WorkerPool:
        cores = len(os.sched_getaffinity(0))
        if self._recruit is None or cores == 1 or pictures < worker_pool.WORTH_PROCESSES:
            return worker_pool.thread_pool(self.inspection, cores)
        return worker_pool.process_pool(self._recruit, cores)


def build_inspector(environment: Environment, opening: CaseThresholds) -> PictureInspector:
    """Return an inspection for a process of its own."""
    registry = load(environment)
    base = build_services(
        AppSettings.from_env(environment), registry, load_next(environment, registry)
    )
    return SweepFactory(ModelServiceSelector(base).current(), opening).inspection
