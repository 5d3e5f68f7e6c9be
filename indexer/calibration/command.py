"""`python -m indexer calibrate`: what this index's scores are worth, measured and kept with it."""

from pathlib import Path

import click

from core.command_line import report_errors
from core.environment import Environment
from features import registry as registries
from features.extraction import quick_features
from mappings.catalogue.calibration import SCORE_KINDS, Calibration
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import EngineSettings, connect


@click.command()
@click.option(
    "--photos",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV: image, product_id. Photos as shoppers take them, and what they show.",
)
@click.option("--dry-run", is_flag=True, help="Measure, and keep nothing.")
@report_errors()
def calibrate(photos: Path | None, dry_run: bool) -> None:
    """Measure what scores are worth: P(relevant) instead of a mere order.

    With --photos on photos whose product is known, which is what shoppers' searches are like.
    Without, on the catalogue's own further pictures, which are easier to find: scores are then
    called an estimate.
    """
    # scikit-learn takes seconds and memory that a load has no use for.
    from indexer.calibration.measurement import measure  # noqa: PLC0415

    environment = Environment.current()
    settings = EngineSettings.from_env(environment)
    registry = quick_features(registries.load(environment))
    catalogue = Catalogue(connect(settings), registry, settings.index, settings.shards)
    catalogue.check_features()
    found = measure(catalogue, registry, environment, photos)
    print_calibration(found)
    if not dry_run:
        catalogue.store_calibration(found)
        click.echo("kept with the index; searches take it up within LOOKALIKE_CENSUS_S")


def print_calibration(found: Calibration) -> None:
    """Print what was found."""
    kind = SCORE_KINDS[found.source]
    click.echo(f"{found.queries} queries over {found.products} products; scores are: {kind}")
    for name, weight in sorted(found.weights.items(), key=lambda one: -one[1]):
        click.echo(f"weight    {name} {weight:.2f}")
    click.echo(f"confident from {found.confident_from:.3f}: 5 % of queries without a counterpart")
