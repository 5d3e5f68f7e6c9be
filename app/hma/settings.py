"""The settings of the hash-matching interface, read once from the environment."""

from dataclasses import dataclass, field

from core.environment import Environment
from core.setting import Setting
from features.fetching.settings import FetchSettings

SETTINGS = (
    Setting(
        "LOOKALIKE_HMA_TOKEN",
        "",
        "token that programs send as `Authorization: Bearer TOKEN`; 16 characters or more. Without "
        "it, anybody who reaches the server may hash and match, and nobody may change banks or "
        "have a `url` fetched",
        secret=True,
    ),
)


@dataclass(frozen=True)
class HmaSettings:
    """`token` opens the interface, '' leaves it open for reading. `fetching` limits `url`."""

    token: str = field(default="", repr=False)
    fetching: FetchSettings = field(default_factory=lambda: FetchSettings(http=True))

    @classmethod
    def from_env(cls, environment: Environment) -> "HmaSettings":
        """Read LOOKALIKE_HMA_* and LOOKALIKE_FETCH_*; raises InvalidSetting for a short token."""
        return cls(environment.token("LOOKALIKE_HMA_TOKEN"), FetchSettings.from_env(environment))
