"""``python -m features.serve``: the feature service, on a machine that computes for others."""

import os
import sys

import click

from core.command_line import report_errors
from core.environment import Environment
from features.service.settings import ServiceSettings


@click.command()
@report_errors()
def main() -> None:
    """Compute features for programs that name this service in LOOKALIKE_FEATURE_URL.

    It listens on LOOKALIKE_FEATURE_HOST and LOOKALIKE_FEATURE_PORT. docs/OPERATIONS.md says more.
    """
    ServiceSettings.from_env(Environment.current())
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:features.service.gunicorn_conf"]
    sys.stdout.flush()
    os.execv(sys.executable, gunicorn)  # noqa: S606 - a fixed argument list


if __name__ == "__main__":
    main()
