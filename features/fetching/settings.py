"""Whether and from where pictures are fetched, read once from the environment."""

from dataclasses import dataclass

from core.environment import Environment
from core.setting import Setting

SETTINGS = (
    Setting("LOOKALIKE_FETCH_HTTP", "no", "fetch a feed's pictures over http(s)"),
    Setting(
        "LOOKALIKE_FETCH_HOSTS",
        "any",
        "hosts to fetch from, separated by commas; `*.shop.example` includes subdomains",
    ),
    Setting("LOOKALIKE_FETCH_TIMEOUT_S", "30", "time limit for fetching one picture, in seconds"),
)


@dataclass(frozen=True)
class FetchSettings:
    """Whether and from where pictures are fetched over HTTP, and for how long one may take."""

    http: bool = False
    hosts: tuple[str, ...] = ()
    timeout_s: float = 30.0

    @classmethod
    def from_env(cls, environment: Environment) -> "FetchSettings":
        """Read LOOKALIKE_FETCH_*."""
        return cls(
            http=environment.flag("LOOKALIKE_FETCH_HTTP", False),
            hosts=environment.names("LOOKALIKE_FETCH_HOSTS"),
            timeout_s=environment.number("LOOKALIKE_FETCH_TIMEOUT_S", 30, 1, 3600),
        )
