"""How a source is followed, read once from the environment."""

from dataclasses import dataclass

from core.environment import Environment
from core.setting import Setting

SETTINGS = (
    Setting(
        "LOOKALIKE_SYNC_EVERY_S",
        "0.5",
        "how often a followed database or file is looked at for changes, in seconds",
    ),
    Setting(
        "LOOKALIKE_SYNC_FEED_EVERY_S",
        "300",
        "how often a followed feed on the web is asked for a new version, in seconds",
    ),
    Setting(
        "LOOKALIKE_SYNC_FULL_S",
        "86400",
        "after how long a source that tells its changes is compared as a whole again, in seconds",
    ),
    Setting(
        "LOOKALIKE_SYNC_GONE",
        "out_of_stock",
        "what becomes of a product that its source no longer has: `out_of_stock` or `delete`",
    ),
    Setting(
        "LOOKALIKE_SYNC_GONE_SHARE",
        "0.2",
        "share of a source's products that may be gone at once without `--yes`",
    ),
)

OUT_OF_STOCK, DELETE = "out_of_stock", "delete"


@dataclass(frozen=True)
class SyncSettings:
    """How often a source is looked at, and what becomes of products that it no longer has.

    Times are in seconds. `removal` is OUT_OF_STOCK or DELETE; more than `removal_share` of the
    products at once are refused.
    """

    every_s: float = 0.5
    feed_every_s: float = 300.0
    full_s: float = 86_400.0
    removal: str = OUT_OF_STOCK
    removal_share: float = 0.2

    @classmethod
    def from_env(cls, environment: Environment) -> "SyncSettings":
        """Read LOOKALIKE_SYNC_*."""
        return cls(
            every_s=environment.number("LOOKALIKE_SYNC_EVERY_S", 0.5, 0.05, 86_400),
            feed_every_s=environment.number("LOOKALIKE_SYNC_FEED_EVERY_S", 300, 1, 86_400),
            full_s=environment.number("LOOKALIKE_SYNC_FULL_S", 86_400, 1, 10**8),
            removal=environment.choice("LOOKALIKE_SYNC_GONE", OUT_OF_STOCK, (OUT_OF_STOCK, DELETE)),
            removal_share=environment.number("LOOKALIKE_SYNC_GONE_SHARE", 0.2, 0, 1),
        )
