"""What the feature service counts, as Prometheus reads it."""

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from features.remote.messages import Lane
from features.service.lanes import LaneScheduler

SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


class ServiceFigures:
    """The counts of one service."""

    def __init__(self, scheduler: LaneScheduler) -> None:
        self._registry = CollectorRegistry()
        self._calls = Counter(
            "lookalike_feature_calls",
            "Calls answered, by lane, feature and HTTP status.",
            ["lane", "feature", "status"],
            registry=self._registry,
        )
        self._pictures = Counter(
            "lookalike_feature_pictures",
            "Pictures of calls answered with 200.",
            ["lane", "feature"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "lookalike_feature_seconds",
            "Seconds from a call's first byte to its answer, of calls answered with 200.",
            ["lane"],
            buckets=SECONDS,
            registry=self._registry,
        )
        held = Gauge(
            "lookalike_feature_calls_held",
            "Calls that wait or are at work.",
            ["lane"],
            registry=self._registry,
        )
        for lane in Lane:
            held.labels(lane).set_function(partial(scheduler.count_held, lane))

    def count(self, lane: Lane, feature: str, status: int, pictures: int, seconds: float) -> None:
        """Count an answer; `feature` is '' where the call was not understood."""
        self._calls.labels(lane, feature, status).inc()
        if status == 200:
            self._pictures.labels(lane, feature).inc(pictures)
            self._seconds.labels(lane).observe(seconds)

    def text(self) -> bytes:
        """Return all figures in Prometheus's text format."""
        return generate_latest(self._registry)
