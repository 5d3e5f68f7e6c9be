"""The settings of the trust desk, read once from the environment."""

from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import SplitResult, urlsplit

from app.trust.desk.case_policy import CasePolicy
from core.environment import Environment
from core.errors import InvalidSetting
from core.setting import Setting

SETTINGS = (
    Setting(
        "LOOKALIKE_DESK_INDEX", "`lookalike`", "prefix of the names of the trust desk's indices"
    ),
    Setting(
        "LOOKALIKE_DESK_API_KEY",
        "",
        "API key that may write the trust desk's indices; without it, the ordinary credentials",
        secret=True,
    ),
    Setting(
        "LOOKALIKE_CASE_LEASE_MIN", "15", "minutes that a case stays with an inactive reviewer"
    ),
    Setting(
        "LOOKALIKE_SECOND_LOOKS",
        "0.05",
        "share of decided cases that a second reviewer decides too, without seeing the "
        "first decision",
    ),
    Setting(
        "LOOKALIKE_POLICY",
        "`default`",
        "version of the rules that reviewers decide under; stored with each decision",
    ),
    Setting("LOOKALIKE_WEBHOOK_URL", "", "address that every decision and undo is posted to"),
    Setting(
        "LOOKALIKE_WEBHOOK_SECRET",
        "",
        "secret that signs these posts; 16 characters or more",
        secret=True,
    ),
)


MIN_SECRET_LENGTH = 16


@dataclass(frozen=True)
class DeskSettings:
    """All settings of the desk.

    `index` is the prefix of the desk's index names. `api_key` may write them; '' uses the
    application's credentials. `lease` is how long a reviewer keeps a case without acting on it.
    `second_looks` is the share (0 to 1) of decided cases that a second reviewer decides too.
    `policy` names the rules that reviewers decide under. An empty `webhook_url` turns it off.
    `case_policy` is in force until the desk stores another.
    """

    index: str = "lookalike"
    api_key: str = field(default="", repr=False)
    lease: timedelta = timedelta(minutes=15)
    second_looks: float = 0.05
    policy: str = "default"
    case_policy: CasePolicy = field(default_factory=CasePolicy)
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)

    @property
    def banks(self) -> str:
        """The name of the banks' index."""
        return f"{self.index}-banks"

    @property
    def bank_names(self) -> str:
        """The name of the index of named banks."""
        return f"{self.index}-bank-names"

    @classmethod
    def from_env(cls, environment: Environment) -> "DeskSettings":
        """Read LOOKALIKE_* variables; raises InvalidSetting naming the bad one."""
        url = environment.text("LOOKALIKE_WEBHOOK_URL")
        secret = environment.secret("LOOKALIKE_WEBHOOK_SECRET")
        if url:
            parse_webhook_url(url)
            if len(secret) < MIN_SECRET_LENGTH:
                raise InvalidSetting(
                    "LOOKALIKE_WEBHOOK_SECRET must have at least "
                    f"{MIN_SECRET_LENGTH} characters when LOOKALIKE_WEBHOOK_URL is set"
                )
        return cls(
            index=environment.text("LOOKALIKE_DESK_INDEX", "lookalike"),
            api_key=environment.secret("LOOKALIKE_DESK_API_KEY"),
            lease=timedelta(minutes=environment.number("LOOKALIKE_CASE_LEASE_MIN", 15, 1, 1440)),
            second_looks=environment.number("LOOKALIKE_SECOND_LOOKS", 0.05, 0, 1),
            policy=environment.text("LOOKALIKE_POLICY", "default"),
            case_policy=CasePolicy.from_env(environment),
            webhook_url=url,
            webhook_secret=secret,
        )


def parse_webhook_url(url: str) -> SplitResult:
    """Return the parts of a webhook's URL; raises InvalidSetting for one that cannot be used.

    Loopback and private addresses are allowed: the operator chooses the URL.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise InvalidSetting(f"LOOKALIKE_WEBHOOK_URL is not a URL: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise InvalidSetting(
            "LOOKALIKE_WEBHOOK_URL must be http(s)://HOST/PATH without a user name or password"
        )
    return parts
