"""The address and credentials of Elasticsearch, read once from the environment."""

from dataclasses import dataclass

from core.environment import Environment
from core.setting import Setting
from mappings.engine.gateway import Gateway

SETTINGS = (
    Setting(
        "ELASTICSEARCH_URL",
        "`http://127.0.0.1:9200`",
        "a server of your own, or several of its nodes, separated by commas; without it, `make "
        "run` starts a local node",
    ),
    Setting(
        "ELASTICSEARCH_API_KEY",
        "",
        "API key to log in with, instead of user and password",
        secret=True,
    ),
    Setting("ELASTICSEARCH_USER", "`elastic`", "user to log in as"),
    Setting("ELASTICSEARCH_PASSWORD", "", "the user's password", secret=True),
    Setting("LOOKALIKE_INDEX", "`products`", "alias of the product index"),
    Setting("LOOKALIKE_SHARDS", "1", "shards of a new index"),
    Setting(
        "LOOKALIKE_ENGINE_TIMEOUT_MS",
        "10000",
        "time limit of one request to Elasticsearch, in milliseconds",
    ),
)


@dataclass(frozen=True)
class EngineSettings:
    """Address, credentials and timeout. An API key takes precedence over user and password.

    `url` may name several nodes, separated by commas.
    """

    url: str
    api_key: str
    user: str
    password: str
    timeout_ms: int
    index: str
    shards: int

    @classmethod
    def from_env(cls, environment: Environment) -> "EngineSettings":
        """Read ELASTICSEARCH_* and LOOKALIKE_* variables."""
        return cls(
            url=environment.text("ELASTICSEARCH_URL", "http://127.0.0.1:9200"),
            api_key=environment.secret("ELASTICSEARCH_API_KEY"),
            user=environment.text("ELASTICSEARCH_USER", "elastic"),
            password=environment.secret("ELASTICSEARCH_PASSWORD"),
            timeout_ms=environment.integer("LOOKALIKE_ENGINE_TIMEOUT_MS", 10_000, 100, 600_000),
            index=environment.text("LOOKALIKE_INDEX", "products"),
            shards=environment.integer("LOOKALIKE_SHARDS", 1, 1, 1024),
        )


def connect(settings: EngineSettings, api_key: str | None = None) -> Gateway:
    """Return a gateway; `api_key` overrides the settings' credentials. Nothing is sent yet."""
    return Gateway(
        settings.url,
        api_key=api_key or settings.api_key,
        basic_auth=(settings.user, settings.password) if settings.password else None,
        timeout_s=settings.timeout_ms / 1000,
    )
