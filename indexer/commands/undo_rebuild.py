"""``python -m indexer undo-rebuild``: the index before the last rebuild, in service again."""

import click

from core.command_line import report_errors
from core.environment import Environment
from features import registry
from indexer.commands.catalogue import open_catalogue


@click.command("undo-rebuild")
@report_errors()
def undo_rebuild() -> None:
    """Put the index before the last rebuild in service again; once more takes that back.

    What was written since the rebuild is not in it: load or sync again for that.
    """
    environment = Environment.current()
    catalogue = open_catalogue(environment, registry.load(environment))
    click.echo(f"{catalogue.undo_rebuild()} is in service again")
