"""The settings of the web application, read once from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from app.hma.settings import HmaSettings
from app.search.synonym_file import synonym_path
from app.shoppers.shopper_settings import ShopperSettings
from app.trust.desk.settings import DeskSettings
from app.trust.sweeping.case_thresholds import CaseThresholds
from core.environment import Environment
from core.setting import Setting
from indexer.live.settings import LiveSettings
from mappings.catalogue.fields import PRODUCT_FIELDS, ProductFields
from mappings.catalogue.shop_fields import load_fields
from mappings.engine.connection import EngineSettings
from mappings.planning.planner import DEFAULT_RECALL
from mappings.search import exchange_rates, weights
from mappings.search.exchange_rates import ExchangeRates

SETTINGS = (
    Setting("LOOKALIKE_HOST", "`127.0.0.1`", "address that the web server listens on"),
    Setting("PORT", "8000", "port that the web server listens on"),
    Setting("LOOKALIKE_WORKERS", "cores, at most 4", "web server processes"),
    Setting("LOOKALIKE_THREADS", "8", "threads in each web server process"),
    Setting(
        "LOOKALIKE_DECODERS", "2", "picture-decoding child processes of each web server process"
    ),
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
    Setting("LOOKALIKE_LOG_SEARCHES", "yes", "record searches and duplicate checks for Kibana"),
    Setting(
        "LOOKALIKE_POPULAR_NETWORKS",
        "3",
        "networks (IPv4 /24, IPv6 /48) that must have asked a query within 30 days before it is "
        "suggested to others, 2 or more",
    ),
    Setting(
        "LOOKALIKE_EVENTS_API_KEY",
        "",
        "API key that may write and read these records; without it, the ordinary credentials",
        secret=True,
    ),
    Setting(
        "LOOKALIKE_SESSION_KEY",
        "generated once, in the state folder",
        "key that signs the trust desk's sessions; 32 characters or more",
        secret=True,
    ),
)


@dataclass(frozen=True)
class AppSettings:
    """All settings of the application."""

    engine: EngineSettings
    events_api_key: str
    state_dir: Path
    weights: Mapping[str, float] = field(default_factory=dict)
    decoders: int = 2
    promised_recall: float = DEFAULT_RECALL
    statistics_max_age_s: float = 30.0
    query_features_ttl_s: float = 3600.0
    max_pictures: int = 5
    log_searches: bool = True
    popular_networks: int = 3
    desk: DeskSettings = field(default_factory=DeskSettings)
    session_key: str = field(default="", repr=False)
    case_thresholds: CaseThresholds = field(default_factory=CaseThresholds)
    shoppers: ShopperSettings = field(default_factory=ShopperSettings)
    fields: ProductFields = PRODUCT_FIELDS
    synonyms: Path | None = None
    exchange_rates: ExchangeRates = field(default_factory=ExchangeRates)
    hma: HmaSettings = field(default_factory=HmaSettings)
    live: LiveSettings = field(default_factory=LiveSettings)

    @classmethod
    def from_env(cls, environment: Environment) -> "AppSettings":
        """Read LOOKALIKE_* variables; raises InvalidSetting naming the bad one."""
        return cls(
            engine=EngineSettings.from_env(environment),
            events_api_key=environment.secret("LOOKALIKE_EVENTS_API_KEY"),
            state_dir=environment.state_dir(),
            weights=weights.from_env(environment),
            decoders=environment.integer("LOOKALIKE_DECODERS", 2, 1, 64),
            promised_recall=environment.number("LOOKALIKE_RECALL", DEFAULT_RECALL, 0.5, 1),
            statistics_max_age_s=environment.number("LOOKALIKE_STATISTICS_S", 30, 0, 3600),
            query_features_ttl_s=environment.number("LOOKALIKE_REMEMBER_S", 3600, 0, 86_400),
            max_pictures=environment.integer("LOOKALIKE_MAX_PICTURES", 5, 1, 20),
            log_searches=environment.flag("LOOKALIKE_LOG_SEARCHES", True),
            popular_networks=environment.integer("LOOKALIKE_POPULAR_NETWORKS", 3, 2, 10_000),
            desk=DeskSettings.from_env(environment),
            session_key=environment.secret("LOOKALIKE_SESSION_KEY"),
            case_thresholds=CaseThresholds.from_env(environment),
            shoppers=ShopperSettings.from_env(environment),
            fields=load_fields(environment),
            synonyms=synonym_path(environment),
            exchange_rates=exchange_rates.from_env(environment),
            hma=HmaSettings.from_env(environment),
            live=LiveSettings.from_env(environment),
        )
