"""`flask reviewers`: the accounts of the trust desk."""

from pathlib import Path

import click
from flask.cli import AppGroup

from app.accounts.reviewers import REVIEWER, ROLES, Reviewers
from app.accounts.sessions import session_guard
from core.command_line import report_errors

group = AppGroup("reviewers", help="Accounts of the trust desk.")

password_file = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the password from this file instead of asking.",
)


def accounts() -> Reviewers:
    """Return the accounts of the running installation."""
    # Not by `current_services`, which asks Elasticsearch for the model in service.
    return session_guard().reviewers


def password_from(path: Path | None) -> str:
    """Return the password in a file, without its line end, or ask for one twice."""
    if path is not None:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


@group.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default=REVIEWER, show_default=True)
@password_file
@report_errors()
def add(name: str, role: str, password_file: Path | None) -> None:
    """Create an account. An admin can also change the banks."""
    account = accounts().add(name, password_from(password_file), role)
    click.echo(f"{account.name} can sign in as {account.role}")


@group.command("list")
@report_errors()
def list_accounts() -> None:
    """List all accounts."""
    for account in accounts().list_all():
        click.echo(f"{account.name}\t{account.role}\tsince {account.added_at}")


@group.command("remove")
@click.argument("name")
@report_errors()
def remove(name: str) -> None:
    """Delete an account and end its sessions."""
    accounts().remove(name)
    click.echo(f"{name} can no longer sign in")


@group.command("password")
@click.argument("name")
@password_file
@report_errors()
def password(name: str, password_file: Path | None) -> None:
    """Set another password and end the account's sessions."""
    accounts().change_password(name, password_from(password_file))
    click.echo(f"{name} has a new password")
