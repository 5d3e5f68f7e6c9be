"""The settings of searches, read once from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.search.synonym_file import synonym_path
from core.environment import Environment
from core.setting import Setting
from mappings.planning.planner import DEFAULT_RECALL
from mappings.search import exchange_rates, weights
from mappings.search.exchange_rates import ExchangeRates

SETTINGS = (
    Setting(
        "LOOKALIKE_RECALL",
        "0.99",
        "share of the nearest pictures that a search must find; 1 compares with every picture",
    ),
    Setting(
        "LOOKALIKE_STATISTICS_S",
        "30",
        "age in seconds at which the index statistics for planning are read again",
    ),
    Setting("LOOKALIKE_MAX_PICTURES", "5", "pictures allowed in one search"),
    Setting(
        "LOOKALIKE_REMEMBER_S",
        "3600",
        "how long a query picture's features are cached, in seconds; 0 turns it off",
    ),
    Setting(
        "LOOKALIKE_KEEP_PHOTO_S",
        "3600",
        "how long a shopper's photo is stored, in seconds, to be shown and cropped on the page of "
        "its search; 0 stores none, and a crop needs the photo again",
    ),
    Setting(
        "LOOKALIKE_POPULAR_NETWORKS",
        "3",
        "networks (IPv4 /24, IPv6 /48) that must have asked a query within 30 days before it is "
        "suggested to others, 2 or more",
    ),
)


@dataclass(frozen=True)
class SearchSettings:
    """What searches and suggestions are set to. Ages and times are in seconds."""

    weights: Mapping[str, float] = field(default_factory=dict)
    promised_recall: float = DEFAULT_RECALL
    statistics_max_age_s: float = 30.0
    query_features_ttl_s: float = 3600.0
    photo_ttl_s: float = 3600.0
    max_pictures: int = 5
    popular_networks: int = 3
    synonyms: Path | None = None
    exchange_rates: ExchangeRates = field(default_factory=ExchangeRates)

    @classmethod
    def from_env(cls, environment: Environment) -> "SearchSettings":
        """Read LOOKALIKE_* variables; raises InvalidSetting naming the bad one."""
        return cls(
            weights=weights.from_env(environment),
            promised_recall=environment.number("LOOKALIKE_RECALL", DEFAULT_RECALL, 0.5, 1),
            statistics_max_age_s=environment.number("LOOKALIKE_STATISTICS_S", 30, 0, 3600),
            query_features_ttl_s=environment.number("LOOKALIKE_REMEMBER_S", 3600, 0, 86_400),
            photo_ttl_s=environment.number("LOOKALIKE_KEEP_PHOTO_S", 3600, 0, 86_400),
            max_pictures=environment.integer("LOOKALIKE_MAX_PICTURES", 5, 1, 20),
            popular_networks=environment.integer("LOOKALIKE_POPULAR_NETWORKS", 3, 2, 10_000),
            synonyms=synonym_path(environment),
            exchange_rates=exchange_rates.from_env(environment),
        )
