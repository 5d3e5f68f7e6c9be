"""`python -m ops`: the local node, the doctor, and everything up at once."""

import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import click

from core.command_line import INCOMPLETE, report_errors
from core.environment import Environment
from mappings.events import erasure
from ops import doctor, keys, maintenance, reset, run, settings_page
from ops.kibana import command as kibana
from ops.node import Node
from ops.server import Server
from ops.snapshots import command as snapshots


@click.group()
def cli() -> None:
    """Run lookalike and what it needs on this machine."""


def forwarding_command(name: str) -> Callable[[Callable[..., None]], click.Command]:
    """Return the decorator of a command whose arguments go to another program as they are."""

    def decorate(function: Callable[..., None]) -> click.Command:
        arguments = click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
        settings = {"ignore_unknown_options": True}
        command = cli.command(name, context_settings=settings, add_help_option=False)
        return command(arguments(function))

    return decorate


cli.add_command(kibana.group)
cli.add_command(snapshots.group)


@cli.group()
def node() -> None:
    """Start and stop the local Elasticsearch node."""


@node.command()
def start() -> None:
    """Start the node unless it runs, and wait until it is ready."""
    began = time.monotonic()
    server = Node(Environment.current()).start(click.echo)
    click.echo(f"Elasticsearch is at {server.url} ({time.monotonic() - began:.0f} s)")


@node.command()
def stop() -> None:
    """Stop the node; its data is kept."""
    stopped = Node(Environment.current()).stop(click.echo)
    click.echo("stopped" if stopped else "the node was not running")


@node.command()
def status() -> None:
    """Say whether the node runs, and where; exit code 3 when it does not."""
    found = Node(Environment.current())
    process, server = found.process(), found.server()
    if process is None:
        click.echo("the node is not running")
        sys.exit(3)
    if server is None:
        click.echo(f"the node is starting, pid {process.pid}")
        return
    click.echo(f"the node runs at {server.url}, pid {process.pid}, data in {found.data_dir}")


@node.command()
@click.option("--lines", default=50, show_default=True, help="How many of the last lines.")
def logs(lines: int) -> None:
    """Show the end of the node's log."""
    for line in Node(Environment.current()).log_tail(lines):
        click.echo(line)


@cli.command("doctor")
def doctor_command() -> None:
    """Name every fault in one line with its cure; exit code 1 when there is one."""
    findings = doctor.run_all_checks(Environment.current())
    for finding in findings:
        click.echo(str(finding))
    sys.exit(1 if any(finding.is_fault for finding in findings) else 0)


@cli.command("run")
def run_command() -> None:
    """Bring everything up and serve until Ctrl-C."""
    run.run(Environment.current(), click.echo)


@cli.command("load")
@click.argument("feed", type=click.Path())
@click.option("--rebuild", is_flag=True, help="Replace what is there instead of joining it.")
@click.option("--force", is_flag=True, help="Let a rebuild take over, however small it is.")
def load_command(feed: str, rebuild: bool, force: bool) -> None:
    """Load FEED into the index `make run` serves, also while it runs."""
    options = [*(["--rebuild"] if rebuild else []), *(["--force"] if force else [])]
    maintenance.load_feed(Environment.current(), feed, options, click.echo)


@forwarding_command("sync")
def sync_command(arguments: tuple[str, ...]) -> None:
    """Bring the index `make run` serves in step with a source, also while it runs.

    ARGUMENTS are those of `python -m indexer sync`.
    """
    sys.exit(maintenance.keep_in_step(Environment.current(), "sync", arguments, click.echo))


@forwarding_command("reconcile")
def reconcile_command(arguments: tuple[str, ...]) -> None:
    """Compare the index `make run` serves with a source.

    ARGUMENTS are those of `python -m indexer reconcile`.
    """
    sys.exit(maintenance.keep_in_step(Environment.current(), "reconcile", arguments, click.echo))


@cli.command("undo-rebuild")
def undo_rebuild_command() -> None:
    """Put the index before the last rebuild in service again; once more takes that back."""
    sys.exit(maintenance.undo_rebuild(Environment.current(), click.echo))


@cli.command("sweep", context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def sweep_command(options: tuple[str, ...]) -> None:
    """Look for near-duplicates in the index `make run` serves, also while it runs.

    OPTIONS are those of `flask --app app.wsgi duplicates sweep`.
    """
    sys.exit(maintenance.sweep(Environment.current(), options, click.echo))


@forwarding_command("banks")
def banks_command(arguments: tuple[str, ...]) -> None:
    """Put lists into the banks `make run` serves, and write them out, also while it runs.

    ARGUMENTS are those of `flask --app app.wsgi banks`.
    """
    # The list goes to standard output, so messages go to standard error.
    sys.exit(maintenance.banks(Environment.current(), arguments, partial(click.echo, err=True)))


@forwarding_command("events")
def events_command(arguments: tuple[str, ...]) -> None:
    """Write out what shoppers asked and did, also while `make run` serves.

    ARGUMENTS are those of `flask --app app.wsgi events`.
    """
    sys.exit(maintenance.events(Environment.current(), arguments, partial(click.echo, err=True)))


@forwarding_command("report")
def report_command(arguments: tuple[str, ...]) -> None:
    """Report on an experiment in the shop that `make run` serves, also while it runs.

    ARGUMENTS are those of `flask --app app.wsgi report`.
    """
    # The report goes to standard output, so messages go to standard error.
    say = partial(click.echo, err=True)
    sys.exit(maintenance.experiment(Environment.current(), "report", arguments, say))


@forwarding_command("plan")
def plan_command(arguments: tuple[str, ...]) -> None:
    """Say what an experiment will be able to find.

    ARGUMENTS are those of `flask --app app.wsgi plan`.
    """
    say = partial(click.echo, err=True)
    sys.exit(maintenance.experiment(Environment.current(), "plan", arguments, say))


@forwarding_command("demo-traffic")
def demo_traffic_command(arguments: tuple[str, ...]) -> None:
    """Simulate a fortnight of shoppers in the shop that `make run` serves, also while it runs.

    ARGUMENTS are those of `python -m ops.demo_traffic`.
    """
    sys.exit(maintenance.demo_traffic(Environment.current(), arguments, click.echo))


@cli.command("erase-events")
@click.option("--session", default="", help="The `session_id` of a visit.")
@click.option("--client", default="", help="The `client_id` of a browser: all its visits.")
@click.option("--before", type=click.DateTime(), help="All that is older than this time (UTC).")
@report_errors()
def erase_events_command(session: str, client: str, before: datetime | None) -> None:
    """Erase what a shopper asked and did, or what is too old; it does not come back.

    Exit code 1: more of it may wait to be delivered; run it again then.
    """
    if bool(session or client) == (before is not None):
        raise click.UsageError("say whose: --session, --client, or --before a time")
    query = (
        erasure.before_query(before.replace(tzinfo=UTC))
        if before
        else erasure.shopper_query(session_id=session, client_id=client)
    )
    pseudonyms = [name for name in (session, client) if name]
    waiting = maintenance.erase_events(Environment.current(), query, pseudonyms, click.echo)
    if waiting:
        click.echo(f"{waiting} bytes wait for Elasticsearch: run this again once it has them")
        sys.exit(INCOMPLETE)


@forwarding_command("swap-model")
def swap_model_command(arguments: tuple[str, ...]) -> None:
    """Give the index `make run` serves another model, also while it runs.

    ARGUMENTS are those of `python -m indexer swap-model`.
    """
    sys.exit(maintenance.swap_model(Environment.current(), arguments, click.echo))


@forwarding_command("backfill")
def backfill_command(arguments: tuple[str, ...]) -> None:
    """Fill in a feature that the index `make run` serves lacks, also while it runs.

    ARGUMENTS are those of `python -m indexer backfill`.
    """
    sys.exit(maintenance.backfill(Environment.current(), arguments, click.echo))


@cli.command("keys")
def keys_command() -> None:
    """Make the least-rights API keys on the server that ELASTICSEARCH_URL names.

    Prints one line per role, `role=key`; for compose files and Kubernetes secrets.
    """
    environment = Environment.current()
    server = Server.from_env(environment)
    if server is None:
        raise click.UsageError("ELASTICSEARCH_URL is not set")
    index = environment.text("LOOKALIKE_INDEX", "products")
    desk = environment.text("LOOKALIKE_DESK_INDEX", "lookalike")
    for role, rights in keys.role_rights(index, desk).items():
        click.echo(f"{role}={keys.create(server, role, rights)}")


@cli.command("settings")
def settings_command() -> None:
    """Print docs/CONFIGURATION.md, made from the settings that the code declares."""
    click.echo(settings_page.write_page(), nl=False)


@cli.command("reset")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset_command(yes: bool) -> None:
    """Stop the local node and delete all its data, thumbnails and logs."""
    environment = Environment.current()
    folders = reset.existing_folders(environment)
    if not folders:
        click.echo("there is nothing to delete")
        return
    for folder in folders:
        click.echo(f"will be deleted: {folder}")
    if not yes:
        click.confirm("Delete all of it?", abort=True)
    Node(environment).stop(click.echo)
    reset.delete(folders)
    click.echo("deleted")


def main() -> None:
    """Run the command line; a LookalikeError is printed in one line, with exit code 2."""
    if os.geteuid() == 0:
        os.umask(0o022)  # the node's account must pass through the folders that root makes
    with report_errors():
        cli()


if __name__ == "__main__":
    main()
