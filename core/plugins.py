"""Finds plug-ins: callables that installed packages name in an entry-point group.

The callable takes an `Environment` and returns the plug-in, or None where it must be set up first
and is not. Its entry point's name is the plug-in's.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from core.environment import Environment
from core.errors import InvalidSetting

NAME = re.compile(r"[a-z][a-z0-9_]*")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plugins:
    """What an entry-point group holds: the plug-ins that could be built, and why others could not.

    Both are by name, in name order.
    """

    built: Mapping[str, Any]
    failed: Mapping[str, str]


def find_entries(group: str, kind: str) -> dict[str, EntryPoint]:
    """Return the entry points of a group by name, in name order; `kind` is for the message.

    Raises InvalidSetting for an ill-formed name, and where two packages install the same one.
    """
    found: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=group), key=lambda entry: entry.name):
        if not NAME.fullmatch(entry.name):
            raise InvalidSetting(f"the name of the {kind} {entry.name!r} is not {NAME.pattern}")
        if entry.name in found:
            raise InvalidSetting(
                f"two packages install a {kind} named {entry.name!r}; uninstall one of them"
            )
        found[entry.name] = entry
    return found


def build_all(group: str, kind: str, environment: Environment) -> Plugins:
    """Build every plug-in of a group. One that fails is named in the log, and the others work.

    Raises what `find_entries` does.
    """
    built: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for name, entry in find_entries(group, kind).items():
        try:
            plugin = entry.load()(environment)
        # A plug-in is a stranger's code: whatever it raises concerns it alone.
        except Exception as error:
            failed[name] = f"{type(error).__name__}: {error}"
            log.warning("the %s %r (%s) cannot be used: %s", kind, name, entry.value, failed[name])
        else:
            if plugin is not None:
                built[name] = plugin
    return Plugins(built, failed)
