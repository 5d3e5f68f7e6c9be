"""``python -m indexer undo-rebuild``: the index before the last rebuild, in service again."""

from contextlib import closing

import click

from core.command_line import report_errors
from core.environment import Environment
from features import registry
from indexer.commands.catalogue import open_catalogue
from indexer.ledger.settings import open_ledger


@click.command("undo-rebuild")
@report_errors()
def undo_rebuild() -> None:
    """Put the index before the last rebuild in service again; once more takes that back.

    What was written since the rebuild is not in it: load or sync again for that.
    """
    environment = Environment.current()
    catalogue = open_catalogue(environment, registry.load(environment))
    name = catalogue.undo_rebuild()
    with closing(open_ledger(environment, catalogue.alias)) as ledger:
        ledger.forget_present()
    click.echo(f"{name} is in service again")
