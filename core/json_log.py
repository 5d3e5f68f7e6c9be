"""A server's log: one line of ECS JSON a record, on standard error."""

import logging
import sys

import ecs_logging


def log_json() -> None:
    """Send every log record from INFO on to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(ecs_logging.StdlibFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
