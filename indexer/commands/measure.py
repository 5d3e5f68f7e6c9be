"""``python -m indexer measure``: the recall and speed that the planner relies on."""

import click

from core.command_line import report_errors
from core.environment import Environment
from features import registry
from indexer import measure as measuring
from indexer.commands.catalogue import open_in_service
from mappings.planning.measurement import QUERIES


@click.command()
@click.option(
    "--queries",
    type=click.IntRange(1),
    default=QUERIES,
    show_default=True,
    help="Stored vectors to search by.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(1),
    default=1800,
    show_default=True,
    help="Longest time to measure.",
)
@click.option("--merge", is_flag=True, help="First merge the segments that changes have left.")
@report_errors()
def measure(queries: int, seconds: float, merge: bool) -> None:
    """Measure what searches find and how fast, so that the planner keeps its promised recall.

    Takes a few minutes at a million pictures; searches go on, slower. Repeat it after many
    changes.
    """
    environment = Environment.current()
    catalogue, features = open_in_service(environment, registry.load(environment))
    catalogue.check_features()
    if merge:
        click.echo("merging", err=True)
        catalogue.merge()
    table = measuring.measure(catalogue, features, queries=queries, seconds=seconds)
    click.echo(measuring.format_table(table))
