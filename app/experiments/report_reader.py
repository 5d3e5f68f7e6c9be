"""Reads reports and plans of experiments from the events of shoppers, and keeps them a minute."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from app.experiments.experiment import Experiment
from app.experiments.plan import ExperimentPlan, plan_experiment
from app.experiments.report import ExperimentReport, build_report
from app.experiments.traffic import Search, read_traffic
from core.expiring import ExpiringValue

MAX_AGE_S = 60.0


def _now() -> datetime:
    return datetime.now(UTC)


class ReportReader:
    """Builds reports of experiments. Thread-safe."""

    def __init__(self, search: Search, clock: Callable[[], datetime] = _now) -> None:
        """`search` runs a body over the events of shoppers."""
        self._search = search
        self._clock = clock
        self._lock = threading.Lock()
        self._reports: dict[str, ExpiringValue[ExperimentReport]] = {}

    def report(self, experiment: Experiment) -> ExperimentReport:
        """Return the report as of now, at most a minute old. Raises what Elasticsearch's do."""
        with self._lock:
            value = self._reports.get(experiment.id)
            if value is None:
                value = ExpiringValue(lambda: self._build(experiment), MAX_AGE_S)
                self._reports[experiment.id] = value
        return value.current()

    def plan(self, experiment: Experiment) -> ExperimentPlan:
        """Return what the experiment can find. Raises what Elasticsearch's errors do."""
        return plan_experiment(self._search, experiment, self._clock())

    def stage(self, experiment: Experiment) -> str:
        """Return `planned`, `running` or `ended`."""
        now = self._clock()
        if now < experiment.start:
            return "planned"
        return "running" if now < experiment.end else "ended"

    def has_begun(self, experiment: Experiment) -> bool:
        """Say whether the experiment has started, so that there is something to report."""
        return experiment.start <= self._clock()

    def _build(self, experiment: Experiment) -> ExperimentReport:
        now = self._clock()
        return build_report(experiment, read_traffic(self._search, experiment, now), now)
