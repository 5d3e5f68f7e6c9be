"""Where the tests' Elasticsearch is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Engine:
    """A real node, with rights to do everything on it."""

    url: str
    user: str
    password: str
