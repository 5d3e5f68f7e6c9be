"""``python -m ops kibana load | write``."""

import click

from core.environment import Environment
from ops.kibana.load import KibanaSettings, load
from ops.kibana.objects import FILE, ndjson


@click.group("kibana")
def group() -> None:
    """Put our dashboards into Kibana."""


@group.command("load")
def load_command() -> None:
    """Load data views, tables and dashboards into the Kibana of LOOKALIKE_KIBANA_URL.

    Earlier versions of these are replaced; everything else stays as it is.
    """
    number = load(KibanaSettings.from_env(Environment.current()))
    click.echo(f"{number} saved objects are in Kibana")


@group.command("write")
def write_command() -> None:
    """Write the file that a person can import by hand."""
    FILE.write_text(ndjson(), encoding="utf-8")
    click.echo(f"written: {FILE}")
