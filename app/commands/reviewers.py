"""`flask reviewers`: who may sit at the trust desk."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.accounts.reviewers import REVIEWER, ROLES, Reviewers
from app.services import current_services
from core.command_line import report_errors

group = AppGroup("reviewers", help="Who may sit at the trust desk.")

password_file = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the password from this file instead of asking.",
)


def accounts() -> Reviewers:
    """Return the accounts of the running installation."""
    return Reviewers(current_services().settings.state_dir)


def password_from(path: Path | None) -> str:
    """Return the password in a file, without its line end, or ask for one twice."""
    if path is not None:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    asked: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


@group.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default=REVIEWER, show_default=True)
@password_file
@report_errors()
def add(name: str, role: str, password_file: Path | None) -> None:
    """Make an account."""
    made = accounts().add(name, password_from(password_file), role)
    click.echo(f"{made.name} may sign in as {made.role}")


@group.command("list")
@report_errors()
def listed() -> None:
    """Show every account."""
    for one in accounts().list_all():
        click.echo(f"{one.name}\t{one.role}\tsince {one.added_at}")


@group.command("remove")
@click.argument("name")
@report_errors()
def remove(name: str) -> None:
    """Delete an account and end its sessions."""
    accounts().remove(name)
    click.echo(f"{name} may not sign in any more")


@group.command("password")
@click.argument("name")
@password_file
@report_errors()
def password(name: str, password_file: Path | None) -> None:
    """Set another password and end the account's sessions."""
    accounts().change_password(name, password_from(password_file))
    click.echo(f"{name} has a new password")
