"""The settings of live changes, read once from the environment."""

from dataclasses import dataclass, field
from pathlib import Path

from core.environment import Environment
from core.setting import Setting
from features.fetching.settings import FetchSettings
from indexer.ledger.settings import tombstone_days
from indexer.loading.placeholders import least_products
from indexer.settings import LoadSettings

SETTINGS = (
    Setting(
        "LOOKALIKE_WRITER_TOKEN",
        "",
        "token that the shop's systems send as `Authorization: Bearer TOKEN` to change products; "
        "16 characters or more. Without it, nobody can change products over HTTP",
        secret=True,
    ),
    Setting(
        "LOOKALIKE_WRITER_API_KEY",
        "",
        "API key that may write and delete products; without it, the ordinary credentials",
        secret=True,
    ),
    Setting(
        "LOOKALIKE_WRITER_PATIENCE_S",
        "20",
        "how long a request that changes products is worked on before it is answered with a job, "
        "in seconds",
    ),
    Setting("LOOKALIKE_WRITER_LINES", "10000", "changes allowed in one bulk request"),
)


@dataclass(frozen=True)
class LiveSettings:
    """Without a `token` products cannot be changed over HTTP.

    A request is answered with a job after `patience_s`. `placeholder_products` is how many products
    must share a file before it counts as a placeholder, 0 for never. `state_dir` holds the ledger,
    the jobs and the thumbnails. `loading` and `fetching` are those of loads. `permit` names network
    addresses that are fetched although they are not public. `environment` builds slow features in
    their process.
    """

    state_dir: Path = Path()
    token: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    patience_s: float = 20.0
    bulk_lines: int = 10_000
    tombstone_days: int = 7
    placeholder_products: int = 20
    loading: LoadSettings = field(default_factory=LoadSettings)
    fetching: FetchSettings = field(default_factory=FetchSettings)
    permit: frozenset[str] = frozenset()
    environment: Environment = field(default_factory=lambda: Environment({}), repr=False)

    @classmethod
    def from_env(cls, environment: Environment) -> "LiveSettings":
        """Read LOOKALIKE_WRITER_* and the settings of loads; raises InvalidSetting."""
        return cls(
            state_dir=environment.state_dir(),
            token=environment.token("LOOKALIKE_WRITER_TOKEN"),
            api_key=environment.secret("LOOKALIKE_WRITER_API_KEY"),
            patience_s=environment.number("LOOKALIKE_WRITER_PATIENCE_S", 20, 0, 3600),
            bulk_lines=environment.integer("LOOKALIKE_WRITER_LINES", 10_000, 1, 1_000_000),
            tombstone_days=tombstone_days(environment),
            placeholder_products=least_products(environment),
            loading=LoadSettings.from_env(environment),
            fetching=FetchSettings.from_env(environment),
            environment=environment,
        )
