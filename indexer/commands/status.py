"""``python -m indexer status``: what the index holds."""

import click

from core.command_line import report_errors
from core.environment import Environment
from features.registry import Registry
from indexer.commands.catalogue import open_catalogue
from mappings.catalogue.calibration import SCORE_KINDS, Calibration
from mappings.engine.connection import EngineSettings


@click.command()
@report_errors()
def status() -> None:
    """Show what the index holds."""
    environment = Environment.current()
    settings = EngineSettings.from_env(environment)
    catalogue = open_catalogue(environment, Registry([]))
    summary, calibration = catalogue.summary(), catalogue.calibration()
    click.echo(f"index     {summary['index']} (alias {settings.index}) at {settings.url}")
    click.echo(f"products  {summary['products']:,}")
    click.echo(f"pictures  {summary['pictures']:,}")
    click.echo(f"size      {summary['bytes'] / 1e6:,.1f} MB")
    for name, feature in sorted(summary["features"].items()):
        model = (feature.get("identity") or {}).get("model", "")
        click.echo(f"feature   {name} v{feature['version']} {model}".rstrip())
    click.echo(f"scores    {_describe_scores(calibration)}")


def _describe_scores(calibration: Calibration | None) -> str:
    if calibration is None:
        return "an order; `python -m indexer calibrate` makes them probabilities"
    return (
        f"{SCORE_KINDS[calibration.source]}, by {calibration.queries:,} queries over "
        f"{calibration.products:,} products at {calibration.at}"
    )
