"""How a module declares the environment variables that it reads, for docs/CONFIGURATION.md."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """One environment variable: its default as people read it ('' without one), and its meaning.

    Declared in the tuple `SETTINGS` of the module that reads it. With `secret`, a file named by
    the same variable with `_FILE` behind it may hold the value.
    """

    name: str
    default: str
    meaning: str
    secret: bool = False
