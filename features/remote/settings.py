"""Where the feature service is and what it computes, read once from the environment."""

from dataclasses import dataclass

from core.environment import Environment
from core.errors import InvalidSetting
from core.setting import Setting

SETTINGS = (
    Setting(
        "LOOKALIKE_FEATURE_URL",
        "",
        "address of a feature service (`python -m features.serve`) that computes features for this "
        "program, such as `http://gpu.example:8100`",
    ),
    Setting(
        "LOOKALIKE_FEATURE_KEY",
        "",
        "key of the feature service, 16 characters or more: whoever has it may use the service",
        secret=True,
    ),
    Setting(
        "LOOKALIKE_FEATURE_REMOTE",
        "those with a model: `embedding`, `clip`, `ocr`",
        "features that the service computes, separated by commas; the others are quicker here than "
        "their pictures could be sent",
    ),
)


@dataclass(frozen=True)
class RemoteSettings:
    """Address and key of the service, and which features it computes; () for its usual ones."""

    url: str
    key: str
    names: tuple[str, ...]

    @classmethod
    def from_env(cls, environment: Environment) -> "RemoteSettings | None":
        """Read LOOKALIKE_FEATURE_*; None where there is no service. Raises InvalidSetting."""
        url = environment.text("LOOKALIKE_FEATURE_URL").rstrip("/")
        if not url:
            return None
        if not url.startswith(("http://", "https://")):
            raise InvalidSetting(
                f"LOOKALIKE_FEATURE_URL={url!r} starts with neither http:// nor https://"
            )
        return cls(
            url,
            environment.token("LOOKALIKE_FEATURE_KEY"),
            environment.names("LOOKALIKE_FEATURE_REMOTE"),
        )
