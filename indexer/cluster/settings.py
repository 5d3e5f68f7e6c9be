"""Which Ray cluster a load uses, and how much of it, read once from the environment."""

from dataclasses import dataclass

from core.environment import Environment
from core.setting import Setting

SETTINGS = (
    Setting(
        "LOOKALIKE_RAY_ADDRESS",
        "a Ray of this machine's own",
        "Ray cluster that `load --engine ray` works on: `auto` on one of its machines, or "
        "`ray://head.example:10001`",
    ),
    Setting(
        "LOOKALIKE_RAY_DECODERS",
        "0",
        "actors that fetch and decode pictures, a CPU each; 0 for a third of the cluster's CPUs",
    ),
    Setting(
        "LOOKALIKE_RAY_EXTRACTORS",
        "0",
        "actors that extract features, a CPU each; 0 for all the GPUs, or without any the other "
        "CPUs",
    ),
    Setting("LOOKALIKE_RAY_GPUS", "0", "GPUs that each extractor takes, also shares such as 0.5"),
    Setting(
        "LOOKALIKE_RAY_OBJECT_STORE_MB",
        "0",
        "memory for pictures between the actors, in MB, where Ray is started for the load; 0 for "
        "Ray's own",
    ),
)


@dataclass(frozen=True)
class ClusterSettings:
    """Address ('' for a Ray of our own) and sizes; 0 actors for what the cluster has."""

    address: str = ""
    decoders: int = 0
    extractors: int = 0
    gpus: float = 0.0
    object_store_mb: int = 0

    @classmethod
    def from_env(cls, environment: Environment) -> "ClusterSettings":
        """Read LOOKALIKE_RAY_*. Raises InvalidSetting."""
        return cls(
            address=environment.text("LOOKALIKE_RAY_ADDRESS"),
            decoders=environment.integer("LOOKALIKE_RAY_DECODERS", 0, 0, 4096),
            extractors=environment.integer("LOOKALIKE_RAY_EXTRACTORS", 0, 0, 4096),
            gpus=environment.number("LOOKALIKE_RAY_GPUS", 0, 0, 16),
            object_store_mb=environment.integer("LOOKALIKE_RAY_OBJECT_STORE_MB", 0, 0, 1_000_000),
        )

    def sizes(self, cpus: float, gpus: float) -> tuple[int, int]:
        """Return how many decoders and extractors a cluster of this many CPUs and GPUs gets."""
        decoders = self.decoders or max(1, int(cpus / 3))
        spare = int(gpus / self.gpus) if self.gpus else int(cpus) - decoders
        return decoders, self.extractors or max(1, spare)
