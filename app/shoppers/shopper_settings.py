"""The settings of shoppers' photos, read once from the environment."""

from dataclasses import dataclass, field

from core.environment import Environment
from core.setting import Setting

SETTINGS = (
    Setting(
        "LOOKALIKE_SHOPPER_TOKEN",
        "",
        "token that the shop's own server sends to attach shoppers' photos, 16 "
        "characters or more; without it, no photos are accepted",
        secret=True,
    ),
    Setting(
        "LOOKALIKE_SHOPPER_API_KEY",
        "",
        "API key that may write shoppers' photos; without it, the ordinary credentials",
        secret=True,
    ),
    Setting("LOOKALIKE_SHOPPER_PHOTOS", "20", "shoppers' photos stored with one product"),
    Setting(
        "LOOKALIKE_SHOPPER_DAYS",
        "365",
        "days until a shopper's photo expires, unless the request says otherwise",
    ),
    Setting(
        "LOOKALIKE_LABEL_DAYS",
        "0",
        "days for which a shopper's photo is stored that a reviewer labelled, to learn from; with "
        "0 none can be labelled. Tell your shoppers",
    ),
)


@dataclass(frozen=True)
class ShopperSettings:
    """Without a `token` no photo is accepted. A photo expires after `days` by default.

    A photo that a reviewer labelled is stored for `label_days`; with 0 none can be labelled.
    """

    token: str = field(default="", repr=False)
    api_key: str = field(default="", repr=False)
    max_photos: int = 20
    days: int = 365
    label_days: int = 0

    @classmethod
    def from_env(cls, environment: Environment) -> "ShopperSettings":
        """Read LOOKALIKE_SHOPPER_*. Raises InvalidSetting."""
        return cls(
            token=environment.token("LOOKALIKE_SHOPPER_TOKEN"),
            api_key=environment.secret("LOOKALIKE_SHOPPER_API_KEY"),
            max_photos=environment.integer("LOOKALIKE_SHOPPER_PHOTOS", 20, 1, 200),
            days=environment.integer("LOOKALIKE_SHOPPER_DAYS", 365, 1, 3650),
            label_days=environment.integer("LOOKALIKE_LABEL_DAYS", 0, 0, 3650),
        )
