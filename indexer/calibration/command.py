"""`python -m indexer calibrate`: turns this index's scores into probabilities of relevance."""

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
    help="CSV with columns image and product_id: shoppers' photos and the products they show.",
)
@click.option("--dry-run", is_flag=True, help="Measure without storing the result.")
@report_errors()
def calibrate(photos: Path | None, dry_run: bool) -> None:
    """Measure how scores relate to relevance, so that scores become probabilities.

    With --photos, it searches with photos whose product is known, as shoppers do. Without, it
    searches with further pictures of the catalogue's products, which are easier to find, so the
    scores are called an estimate.
    """
    # scikit-learn takes seconds and memory to import, which a load does not need.
    from indexer.calibration.measurement import measure  # noqa: PLC0415

    environment = Environment.current()
    settings = EngineSettings.from_env(environment)
    registry = quick_features(registries.load(environment))
    catalogue = Catalogue(connect(settings), registry, settings.index, settings.shards)
    catalogue.check_features()
    calibration = measure(catalogue, registry, environment, photos)
    print_calibration(calibration)
    if not dry_run:
        catalogue.store_calibration(calibration)
        click.echo("stored in the index; searches use it within LOOKALIKE_STATISTICS_S")


def print_calibration(calibration: Calibration) -> None:
    """Print the calibration."""
    kind = SCORE_KINDS[calibration.source]
    click.echo(
        f"{calibration.queries} queries over {calibration.products} products; scores are: {kind}"
    )
    for name, weight in sorted(calibration.weights.items(), key=lambda item: -item[1]):
        click.echo(f"weight    {name} {weight:.2f}")
    click.echo(
        f"confident from {calibration.confident_from:.3f}: 5 % of queries for products not in the "
        "index reach this score"
    )
