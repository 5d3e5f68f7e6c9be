"""How the feature service runs, read once from the environment."""

from dataclasses import dataclass

from core.environment import Environment
from core.setting import Setting

SETTINGS = (
    Setting("LOOKALIKE_FEATURE_HOST", "`127.0.0.1`", "address that the service listens on"),
    Setting("LOOKALIKE_FEATURE_PORT", "8100", "port that the service listens on"),
    Setting(
        "LOOKALIKE_FEATURE_REALTIME_QUEUE",
        "64",
        "real-time calls that the service holds; more are answered 429",
    ),
    Setting(
        "LOOKALIKE_FEATURE_BATCH_QUEUE",
        "8",
        "batch calls that the service holds; more are answered 429",
    ),
    Setting(
        "LOOKALIKE_FEATURE_STEP_MS",
        "20",
        "how long a step of batch work takes, in milliseconds; a real-time call waits for one "
        "step at most",
    ),
)


@dataclass(frozen=True)
class ServiceSettings:
    """The key that callers need ('' for none), calls held per lane, and a batch step's length."""

    key: str = ""
    realtime_queue: int = 64
    batch_queue: int = 8
    step_ms: int = 20

    @classmethod
    def from_env(cls, environment: Environment) -> "ServiceSettings":
        """Read LOOKALIKE_FEATURE_*. Raises InvalidSetting."""
        return cls(
            key=environment.token("LOOKALIKE_FEATURE_KEY"),
            realtime_queue=environment.integer("LOOKALIKE_FEATURE_REALTIME_QUEUE", 64, 1, 1024),
            batch_queue=environment.integer("LOOKALIKE_FEATURE_BATCH_QUEUE", 8, 1, 256),
            step_ms=environment.integer("LOOKALIKE_FEATURE_STEP_MS", 20, 1, 60_000),
        )

    @property
    def threads(self) -> int:
        """Threads that a server needs so that no lane keeps the other, or `/health`, waiting."""
        return self.realtime_queue + self.batch_queue + SPARE_THREADS


SPARE_THREADS = 8
"""For those who are refused, and for `/health` and `/metrics`."""
