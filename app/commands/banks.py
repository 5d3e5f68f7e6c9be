"""`flask banks`: imports lists of hashes into the banks, and exports them."""

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
@click.option("--reason", help="Why the pictures are in the bank. Default: the name of the list.")
@click.option("--list", "name", help="Name of the list. Default: the name of the file.")
@click.option("--holder", default="", help="Who holds the rights to the pictures.")
@click.option("--policy", default="", help="The rule that the pictures fall under.")
@report_errors()
def import_list(
    bank: str, file: IO[bytes], reason: str | None, name: str | None, holder: str, policy: str
) -> None:
    """Import the PDQ hashes of FILE (a line `hash,quality` each) into BANK; - is standard input.

    Exit code 1: some lines were left out. Exit code 2: the import failed.
    """
    name = name or Path(file.name).name
    details = EntryDetails(reason or f"from the list {name}", holder, policy, name)
    done = current_services().banks.import_list(
        bank, file, details, f"{getpass.getuser()} (command line)"
    )
    for line in done.bad[:BAD_LINES_SHOWN]:
        click.echo(f"line {line.number}: {line.rule}", err=True)
    if done.rejected > BAD_LINES_SHOWN:
        click.echo(f"… and {done.rejected - BAD_LINES_SHOWN} more", err=True)
    click.echo(f"{done.added} new, {done.duplicates} already known, {done.rejected} left out")
    matches = done.blocked_listings
    if matches.count:
        click.echo(f"{matches.count} listings match: {len(matches.case_ids)} cases opened")
    if done.rejected:
        raise click.exceptions.Exit(INCOMPLETE)


@group.command("export")
@click.argument("bank", type=click.Choice(BANKS))
@report_errors()
def export_list(bank: str) -> None:
    """Write the PDQ hashes of BANK to standard output."""
    sys.stdout.writelines(current_services().banks.export_list(bank))
