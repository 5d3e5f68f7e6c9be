"""Finds plug-ins by their entry points, and builds them so that a broken one stops nothing else.

An entry point names a callable that takes an `Environment`; its name is the plug-in's. What our own
package brings must work, and its errors are raised as they are. What another package brings is
left out where it cannot be used, and a `PlugInProblem` says in one line which package it is, what
is wrong and what to do.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from core.environment import Environment
from core.errors import InvalidSetting

OUR_PACKAGE = "lookalike"

log = logging.getLogger(__name__)

FindViolations = Callable[[Any, str], Sequence[str]]
"""Takes a plug-in and its entry point's name, and returns what breaks its contract."""


@dataclass(frozen=True)
class PlugInProblem:
    """Why a plug-in is left out, and the cure."""

    group: str
    name: str
    package: str
    target: str
    reason: str
    cure: str

    def __str__(self) -> str:
        return f"{self.subject} is left out: {self.reason}. Cure: {self.cure}"

    @property
    def subject(self) -> str:
        """Which plug-in of which package it is."""
        return f"plug-in {self.name!r} ({self.group}: {self.target}) of the package {self.package}"


def package_of(entry: EntryPoint) -> str:
    """Return the name of the package that brings an entry point."""
    return entry.dist.name if entry.dist is not None else "unknown"


def is_ours(entry: EntryPoint) -> bool:
    """Say whether an entry point comes with lookalike itself."""
    return package_of(entry) == OUR_PACKAGE


def installed(group: str) -> tuple[dict[str, EntryPoint], list[PlugInProblem]]:
    """Return the entry points of a group by name, in name order, and those left out.

    Of two with one name ours stays; of two from other packages, that of the package whose name
    comes first.
    """
    by_name: dict[str, EntryPoint] = {}
    problems: list[PlugInProblem] = []
    found = entry_points(group=group)
    for entry in sorted(found, key=lambda e: (e.name, not is_ours(e), package_of(e))):
        if entry.name in by_name:
            owner = package_of(by_name[entry.name])
            if is_ours(entry):
                raise InvalidSetting(f"{OUR_PACKAGE} installs {group} {entry.name!r} twice")
            problems.append(
                _problem(
                    entry,
                    f"the package {owner} brings a plug-in of this name",
                    f"rename it, or uninstall one of the two: pip uninstall {package_of(entry)}",
                )
            )
        else:
            by_name[entry.name] = entry
    return by_name, problems


def build(
    entry: EntryPoint, environment: Environment, find_violations: FindViolations
) -> tuple[Any, PlugInProblem | None]:
    """Return what an entry point builds, or None and the reason why it is left out.

    The first is also None where the plug-in says that it is not set up. Raises what our own
    plug-ins raise.
    """
    if is_ours(entry):
        return entry.load()(environment), None
    try:
        made = entry.load()(environment)
        broken = [] if made is None else find_violations(made, entry.name)
    # Whatever a stranger's code raises, the rest has to start.
    except Exception as error:
        log.debug("%s failed", entry, exc_info=error)
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:300]
        return None, _problem(entry, reason, _upgrade(entry))
    if broken:
        return None, _problem(entry, "; ".join(broken), _upgrade(entry))
    return made, None


def log_problems(problems: Iterable[PlugInProblem]) -> None:
    """Log one error a problem."""
    for problem in problems:
        log.error("%s", problem)


def _problem(entry: EntryPoint, reason: str, cure: str) -> PlugInProblem:
    return PlugInProblem(entry.group, entry.name, package_of(entry), entry.value, reason, cure)


def _upgrade(entry: EntryPoint) -> str:
    package = package_of(entry)
    return (
        f"mend it (docs/PLUGINS.md), or: pip install --upgrade {package}, pip uninstall {package}"
    )
