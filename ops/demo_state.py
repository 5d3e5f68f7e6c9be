"""Whether the demo shop's desk still lacks its first decisions (`ops.demo_desk`)."""

from pathlib import Path

from core.environment import Environment
from indexer.demo import FEED


def is_demo_desk_due(environment: Environment) -> bool:
    """Say whether the demo shop was loaded here and its desk has no decisions by rule yet."""
    return (_folder(environment) / FEED).is_file() and not _mark(environment).exists()


def mark_demo_desk(environment: Environment) -> None:
    """Remember that the desk has them, so that a later start makes none."""
    _mark(environment).parent.mkdir(parents=True, exist_ok=True)
    _mark(environment).touch()


def _folder(environment: Environment) -> Path:
    return environment.state_dir() / "demo"


def _mark(environment: Environment) -> Path:
    return _folder(environment) / "desk-decided"
