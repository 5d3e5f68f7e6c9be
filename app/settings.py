"""The settings of the web application, read once from the environment."""

from dataclasses import dataclass, field
from pathlib import Path

from app.experiments.experiment import Experiment
from app.experiments.experiment_file import load_experiments
from app.http.embedding import embed_origins
from app.search.settings import SearchSettings
from app.shoppers.shopper_settings import ShopperSettings
from app.trust.desk.settings import DeskSettings
from app.trust.sweeping.case_thresholds import CaseThresholds
from core.environment import Environment
from core.setting import Setting
from indexer.live.settings import LiveSettings
from mappings.catalogue.fields import PRODUCT_FIELDS, ProductFields
from mappings.catalogue.shop_fields import load_fields
from mappings.engine.connection import EngineSettings

SETTINGS = (
    Setting("LOOKALIKE_HOST", "`127.0.0.1`", "address that the web server listens on"),
    Setting("PORT", "8000", "port that the web server listens on"),
    Setting("LOOKALIKE_WORKERS", "cores, at most 4", "web server processes"),
    Setting("LOOKALIKE_THREADS", "8", "threads in each web server process"),
    Setting(
        "LOOKALIKE_DECODERS", "2", "picture-decoding child processes of each web server process"
    ),
    Setting("LOOKALIKE_LOG_SEARCHES", "yes", "record searches and duplicate checks for Kibana"),
    Setting(
        "LOOKALIKE_SHOP_EVENTS",
        "yes",
        "record what shoppers ask, see and do, under pseudonyms in a cookie; no: no cookie either",
    ),
    Setting("LOOKALIKE_ACCESS_LOG", "no", "log each request, as a line of ECS JSON"),
    Setting(
        "LOOKALIKE_EVENTS_API_KEY",
        "",
        "API key that may write and read all these records; without it, the ordinary credentials",
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
    """All settings that the application's services are built with."""

    engine: EngineSettings
    events_api_key: str
    state_dir: Path
    search: SearchSettings = field(default_factory=SearchSettings)
    decoders: int = 2
    log_searches: bool = True
    shop_events: bool = True
    access_log: bool = False
    desk: DeskSettings = field(default_factory=DeskSettings)
    session_key: str = field(default="", repr=False)
    case_thresholds: CaseThresholds = field(default_factory=CaseThresholds)
    shoppers: ShopperSettings = field(default_factory=ShopperSettings)
    fields: ProductFields = PRODUCT_FIELDS
    live: LiveSettings = field(default_factory=LiveSettings)
    embed_origins: tuple[str, ...] = ()
    experiments: tuple[Experiment, ...] = ()

    @classmethod
    def from_env(cls, environment: Environment) -> "AppSettings":
        """Read LOOKALIKE_* variables; raises InvalidSetting naming the bad one."""
        return cls(
            engine=EngineSettings.from_env(environment),
            events_api_key=environment.secret("LOOKALIKE_EVENTS_API_KEY"),
            state_dir=environment.state_dir(),
            search=SearchSettings.from_env(environment),
            decoders=environment.integer("LOOKALIKE_DECODERS", 2, 1, 64),
            log_searches=environment.flag("LOOKALIKE_LOG_SEARCHES", True),
            access_log=environment.flag("LOOKALIKE_ACCESS_LOG", False),
            shop_events=environment.flag("LOOKALIKE_SHOP_EVENTS", True),
            desk=DeskSettings.from_env(environment),
            session_key=environment.secret("LOOKALIKE_SESSION_KEY"),
            case_thresholds=CaseThresholds.from_env(environment),
            shoppers=ShopperSettings.from_env(environment),
            fields=load_fields(environment),
            live=LiveSettings.from_env(environment),
            embed_origins=embed_origins(environment),
            experiments=load_experiments(environment),
        )
