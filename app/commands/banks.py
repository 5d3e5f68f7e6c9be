"""`flask banks`: lists of hashes into the banks, and out of them."""

import getpass
import sys
from pathlib import Path
from typing import IO

import click
from flask.cli import AppGroup

from app.services import current_services
from app.trust.banks.entry import BANKS, EntryDetails
from core.command_line import INCOMPLETE, report_errors

group = AppGroup("banks", help="Pictures that are blocked or allowed.")

BAD_LINES_SHOWN = 20


@group.command("import")
@click.argument("bank", type=click.Choice(BANKS))
@click.argument("file", type=click.File("rb"))
@click.option("--reason", help="Why these are there; the list's name otherwise.")
@click.option("--list", "name", help="What the list is called; the file's name otherwise.")
@click.option("--holder", default="", help="Whose rights they touch.")
@click.option("--policy", default="", help="Which rule they fall under.")
@report_errors()
def take(
    bank: str, file: IO[bytes], reason: str | None, name: str | None, holder: str, policy: str
) -> None:
    """Put the PDQ hashes of FILE (`hash,quality`, a line each) into BANK; - reads standard input.

    Ends with 1 when some lines were left out, 2 when nothing could be done.
    """
    name = name or Path(file.name).name
    about = EntryDetails(reason or f"from the list {name}", holder, policy, name)
    done = current_services().banks.import_list(
        bank, file, about, f"{getpass.getuser()} (command line)"
    )
    for line in done.bad[:BAD_LINES_SHOWN]:
        click.echo(f"line {line.number}: {line.rule}", err=True)
    if done.rejected > BAD_LINES_SHOWN:
        click.echo(f"… and {done.rejected - BAD_LINES_SHOWN} more", err=True)
    click.echo(f"{done.added} new, {done.known} known already, {done.rejected} left out")
    matches = done.blocked_matches
    if matches.listings:
        click.echo(f"{matches.listings} listings match: {len(matches.case_ids)} cases opened")
    if done.rejected:
        raise click.exceptions.Exit(INCOMPLETE)


@group.command("export")
@click.argument("bank", type=click.Choice(BANKS))
@report_errors()
def give(bank: str) -> None:
    """Write the PDQ hashes of BANK to standard output."""
    sys.stdout.writelines(current_services().banks.export_list(bank))
