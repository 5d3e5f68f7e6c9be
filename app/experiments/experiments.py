"""The declared experiments of this server, checked against what it can search with."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from app.experiments.assignment import Assignment, assign
from app.experiments.experiment import Experiment
from app.experiments.experiment_file import SETTING
from app.experiments.report_reader import ReportReader
from core.errors import InvalidSetting, NotFound
from features.registry import Registry
from mappings.search.query import ABOUT_WORDS, TEXT
from mappings.search.shown_text import READ_TEXT


def _now() -> datetime:
    return datetime.now(UTC)


class Experiments:
    """Knows every experiment, and which variant a client is in. Thread-safe."""

    def __init__(
        self,
        declared: Sequence[Experiment],
        registry: Registry,
        reports: ReportReader,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        """`reports` reads results. Raises InvalidSetting for a weight of an unknown feature."""
        known = {*registry, TEXT, READ_TEXT, ABOUT_WORDS}
        for experiment in declared:
            for name in experiment.feature_names():
                if name not in known:
                    raise InvalidSetting(
                        f"{SETTING}: {experiment.id}: there is no feature {name!r} to give a "
                        f"weight to; there are {', '.join(sorted(known))}"
                    )
        self.reports = reports
        self._declared = tuple(declared)
        self._clock = clock

    @property
    def declared(self) -> tuple[Experiment, ...]:
        """Every experiment, by its start."""
        return self._declared

    def experiment(self, name: str) -> Experiment:
        """Return an experiment by its id; raises NotFound."""
        for experiment in self._declared:
            if experiment.id == name:
                return experiment
        ids = ", ".join(item.id for item in self._declared) or "none"
        raise NotFound(f"there is no experiment {name[:80]!r}; {SETTING} declares: {ids}")

    def assignment(self, client: str) -> Assignment | None:
        """Return a client's variant now; None where there is none."""
        return assign(self._declared, client, self._clock())
