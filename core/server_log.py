"""A server's log on standard error: plain lines at a terminal, else a line of ECS JSON a record."""

import logging
import sys
from typing import TextIO

import ecs_logging

from core.environment import Environment
from core.setting import Setting

LOG_FORMATS = ("auto", "plain", "json")

SETTINGS = (
    Setting(
        "LOOKALIKE_LOG_FORMAT",
        "auto",
        "the servers' log: `plain` lines, lines of ECS `json`, or `auto`: plain at a terminal only",
    ),
)

PLAIN = "%(asctime)s %(levelname)s %(message)s"


def log_formatter(stream: TextIO | None = None) -> logging.Formatter:
    """Return what formats the records of a log that goes to `stream`, else to standard error.

    Raises InvalidSetting for a format that is not in LOG_FORMATS.
    """
    chosen = Environment.current().choice("LOOKALIKE_LOG_FORMAT", "auto", LOG_FORMATS)
    if chosen == "auto":
        chosen = "plain" if (stream or sys.stderr).isatty() else "json"
    if chosen == "plain":
        return logging.Formatter(PLAIN, datefmt="%H:%M:%S")
    return ecs_logging.StdlibFormatter()


def log_to_stderr() -> None:
    """Send every log record from INFO on to standard error. Raises InvalidSetting."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(log_formatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
