"""Typed reading of settings from environment variables, once, at the edge.

Every variable of ours starts with ``LOOKALIKE_`` and carries its unit (`_MS`, `_BYTES`, `_S`); a
secret may come from a file named by the same variable with ``_FILE`` behind it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import InvalidSetting
from core.setting import Setting

SETTINGS = (
    Setting(
        "LOOKALIKE_STATE_DIR",
        "`~/.local/state/lookalike`, for root `/var/lib/lookalike`",
        "the local node's data, keys, thumbnails and unsent events",
    ),
    Setting(
        "LOOKALIKE_CACHE_DIR",
        "`~/.cache/lookalike`, for root `/var/cache/lookalike`",
        "downloads and converted models; safe to delete",
    ),
)


SHORTEST_TOKEN = 16

TRUE = frozenset({"1", "true", "yes", "on"})
FALSE = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True)
class Environment:
    """A snapshot of environment variables. An empty value counts as not set."""

    values: Mapping[str, str]

    @classmethod
    def current(cls) -> "Environment":
        """Return a snapshot of this process's variables."""
        return cls(dict(os.environ))

    def text(self, name: str, default: str = "") -> str:
        """Return the value, or `default`."""
        return self.values.get(name, "").strip() or default

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        """Return the value; raises InvalidSetting for any that is not among `choices`."""
        value = self.text(name, default)
        if value not in choices:
            raise InvalidSetting(f"{name}={value!r} is not one of {', '.join(choices)}")
        return value

    def names(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return a comma-separated list."""
        value = self.text(name)
        return tuple(part.strip() for part in value.split(",") if part.strip()) or default

    def integer(self, name: str, default: int, low: int = 0, high: int = 2**63) -> int:
        """Return a whole number within [low, high]; raises InvalidSetting."""
        number = self.number(name, default, low, high)
        if number != int(number):
            raise InvalidSetting(f"{name} must be a whole number, not {number}")
        return int(number)

    def number(self, name: str, default: float, low: float, high: float) -> float:
        """Return a number within [low, high]; raises InvalidSetting."""
        value = self.text(name, str(default))
        try:
            number = float(value)
        except ValueError as error:
            raise InvalidSetting(f"{name}={value!r} is not a number") from error
        if not low <= number <= high:
            raise InvalidSetting(f"{name}={value} is outside {low} to {high}")
        return number

    def flag(self, name: str, default: bool) -> bool:
        """Return whether the value says yes; raises InvalidSetting where it says neither."""
        value = self.text(name, str(default)).lower()
        if value not in TRUE | FALSE:
            raise InvalidSetting(f"{name}={value!r} is neither yes nor no")
        return value in TRUE

    def secret(self, name: str) -> str:
        """Return the value, or what the file named by ``<name>_FILE`` holds; '' when neither."""
        path = self.text(f"{name}_FILE")
        if not path:
            return self.text(name)
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise InvalidSetting(f"{name}_FILE={path} cannot be read: {error.strerror}") from error

    def token(self, name: str) -> str:
        """Return a secret that programs send, '' where there is none.

        Raises InvalidSetting for fewer than SHORTEST_TOKEN characters.
        """
        token = self.secret(name)
        if token and len(token) < SHORTEST_TOKEN:
            raise InvalidSetting(f"{name} must have at least {SHORTEST_TOKEN} characters")
        return token

    def cache_dir(self) -> Path:
        """Return where downloads and converted models are kept; safe to delete."""
        return self._folder("LOOKALIKE_CACHE_DIR", "XDG_CACHE_HOME", ".cache", "/var/cache")

    def state_dir(self) -> Path:
        """Return where the node's data, keys, thumbnails and spools are kept."""
        return self._folder("LOOKALIKE_STATE_DIR", "XDG_STATE_HOME", ".local/state", "/var/lib")

    def _folder(self, name: str, xdg_name: str, at_home: str, for_root: str) -> Path:
        if path := self.text(name):
            return Path(path).expanduser().absolute()
        # The local node gives up root's rights, and its own account cannot enter /root.
        if os.geteuid() == 0:
            return Path(for_root) / "lookalike"
        return Path(self.text(xdg_name) or Path.home() / at_home).absolute() / "lookalike"
