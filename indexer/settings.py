"""How a load works, read once from the environment."""

import os
from dataclasses import dataclass

from core.currency import currency_code
from core.environment import Environment
from core.errors import InvalidSetting, UnknownCurrency
from core.setting import Setting

SETTINGS = (
    Setting("LOOKALIKE_LOAD_BATCH", "32", "pictures processed together"),
    Setting(
        "LOOKALIKE_LOAD_WORKERS",
        "cores",
        "batches processed at the same time, each with a decoding process",
    ),
    Setting("LOOKALIKE_LOAD_FETCHERS", "8", "pictures fetched at the same time"),
    Setting("LOOKALIKE_LOAD_SLOW_WORKERS", "cores", "processes for slow features (OCR)"),
    Setting("LOOKALIKE_LOAD_BACKLOG", "64", "pictures that may wait for slow features"),
    Setting(
        "LOOKALIKE_LOAD_PATIENCE_S",
        "600",
        "how long a load waits for Elasticsearch to come back, in seconds",
    ),
    Setting(
        "LOOKALIKE_LOAD_REBUILD_SHARE",
        "0.5",
        "share of the products in service that a rebuild must reach to replace them",
    ),
    Setting(
        "LOOKALIKE_LOAD_REBUILD_AGREEMENT",
        "0.8",
        "share of the answers to sampled searches that a rebuild must have in common with what is "
        "in service to replace it; new products, prices and titles change few of them, a picture "
        "or a word that is read otherwise most; 0 compares nothing",
    ),
    Setting(
        "LOOKALIKE_LOAD_REBUILD_SAMPLE",
        "50",
        "products by which a rebuild is compared with what is in service, and by whose stored "
        "pictures it must find themselves",
    ),
    Setting(
        "LOOKALIKE_FEED_CURRENCY",
        "",
        "currency of prices in feeds that name none, such as `EUR`: Shopify, WooCommerce and "
        "Magento export bare numbers",
    ),
    Setting(
        "LOOKALIKE_REGIONS_STORED",
        "0",
        "regions of every stored picture that are indexed too; after a change, load "
        "again with `--rebuild`",
    ),
)


@dataclass(frozen=True)
class LoadSettings:
    """How much work is done at once, how long to wait for Elasticsearch, and what a rebuild needs.

    `batch` pictures go through the features together; `workers` batches are worked on at once,
    each with a decoding process; `slow_workers` processes run the slow features, for which at
    most `backlog` pictures wait (a picture is at most 5 MB of pixels). `regions` is how many parts
    of a picture are stored as views of their own. A rebuild with less than `rebuild_share` of the
    products in service, or with less than `rebuild_agreement` of the answers to sampled searches in
    common with them, does not take their place; `rebuild_sample` products are searched (a share of
    .8 of 50 is known to within .11, at 95 % confidence). `currency` is that of prices in feeds that
    name none, "" where nobody said.
    """

    batch: int = 32
    workers: int = 2
    fetchers: int = 8
    slow_workers: int = 2
    backlog: int = 64
    patience_s: float = 600.0
    regions: int = 0
    rebuild_share: float = 0.5
    rebuild_agreement: float = 0.8
    rebuild_sample: int = 50
    currency: str = ""

    @classmethod
    def from_env(cls, environment: Environment) -> "LoadSettings":
        """Read LOOKALIKE_LOAD_*."""
        cores = len(os.sched_getaffinity(0))
        return cls(
            batch=environment.integer("LOOKALIKE_LOAD_BATCH", 32, 1, 1024),
            workers=environment.integer("LOOKALIKE_LOAD_WORKERS", cores, 1, 64),
            fetchers=environment.integer("LOOKALIKE_LOAD_FETCHERS", 8, 1, 256),
            slow_workers=environment.integer("LOOKALIKE_LOAD_SLOW_WORKERS", cores, 1, 64),
            backlog=environment.integer("LOOKALIKE_LOAD_BACKLOG", 64, 1, 100_000),
            patience_s=environment.number("LOOKALIKE_LOAD_PATIENCE_S", 600, 0, 86_400),
            regions=environment.integer("LOOKALIKE_REGIONS_STORED", 0, 0, 20),
            rebuild_share=environment.number("LOOKALIKE_LOAD_REBUILD_SHARE", 0.5, 0, 1),
            rebuild_agreement=environment.number("LOOKALIKE_LOAD_REBUILD_AGREEMENT", 0.8, 0, 1),
            rebuild_sample=environment.integer("LOOKALIKE_LOAD_REBUILD_SAMPLE", 50, 1, 10_000),
            currency=_currency(environment.text("LOOKALIKE_FEED_CURRENCY")),
        )


def _currency(code: str) -> str:
    try:
        return currency_code(code) if code else ""
    except UnknownCurrency as error:
        raise InvalidSetting(f"LOOKALIKE_FEED_CURRENCY: {error}") from error
