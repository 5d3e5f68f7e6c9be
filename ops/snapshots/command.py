"""``python -m ops snapshot create | list | restore | delete``."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from core.environment import Environment
from core.setting import Setting
from ops.errors import StageFailed
from ops.node import Node
from ops.server import Server
from ops.snapshots.repository import Contents, SnapshotRepository
from ops.snapshots.saved_files import SavedFiles

SETTINGS = (
    Setting(
        "LOOKALIKE_SNAPSHOT_REPOSITORY",
        "a folder",
        "snapshot repository of the server that ELASTICSEARCH_URL names; the local node's are in "
        "the state folder, under `snapshots`",
    ),
)

FOLDER, LOCAL_REPOSITORY = "snapshots", "lookalike"


@dataclass(frozen=True)
class SnapshotPlace:
    """Where snapshots go: the server's repository, and the folder with the files beside it."""

    repository: SnapshotRepository
    files: SavedFiles
    contents: Contents


@click.group("snapshot")
def group() -> None:
    """Save and restore products, trust desk, events, pictures and accounts."""


@group.command()
@click.argument("name", required=False)
def create(name: str | None) -> None:
    """Save a snapshot, named by the time unless NAME is given. The shop goes on meanwhile."""
    name = name or datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")
    with open_place(Environment.current()) as place:
        place.files.save_records(name)
        saved = place.repository.create(name, place.contents)
        pictures = place.files.save_pictures(name)
    click.echo(f"saved {name}: {saved.products or 0} products, {pictures} pictures")


@group.command("list")
def list_snapshots() -> None:
    """Show the snapshots, the oldest first."""
    with open_place(Environment.current()) as place:
        snapshots = place.repository.all()
        for snapshot in snapshots:
            facts = f"{snapshot.products or 0} products" if snapshot.is_complete else snapshot.state
            missing = "" if place.files.has(snapshot.name) else ", without pictures"
            began_at = snapshot.began_at.strftime("%Y-%m-%d %H:%M:%S UTC")
            click.echo(f"{snapshot.name}  {began_at}  {facts}{missing}")
    if not snapshots:
        click.echo("there are no snapshots: `python -m ops snapshot create` makes one")


@group.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(name: str, yes: bool) -> None:
    """Replace products and desk by those of the snapshot NAME; add lost events and pictures."""
    with open_place(Environment.current()) as place:
        snapshot = place.repository.get(name)
        if not snapshot.is_complete:
            raise StageFailed(f"{name} is {snapshot.state}, not a whole snapshot: choose another")
        click.echo(
            f"{name}: {snapshot.products or 0} products, {snapshot.began_at:%Y-%m-%d %H:%M} UTC. "
            "Changes to products and cases that came later will be gone."
        )
        if not yes:
            click.confirm("Replace everything by it?", abort=True)
        place.repository.restore(snapshot, place.contents.alias)
        pictures = place.files.restore(name)
    click.echo(f"restored {name}; {pictures} missing pictures are back")


@group.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(name: str, yes: bool) -> None:
    """Delete the snapshot NAME."""
    with open_place(Environment.current()) as place:
        snapshot = place.repository.get(name)
        if not yes:
            click.confirm(f"Delete the snapshot {name}?", abort=True)
        place.repository.delete(snapshot.name)
        place.files.delete(snapshot.name)
    click.echo(f"deleted {name}")


@contextmanager
def open_place(environment: Environment) -> Iterator[SnapshotPlace]:
    """Give the place for snapshots; a local node that did not run is stopped again.

    Raises NodeFailed, StageFailed and EngineUnavailable.
    """
    folder = environment.state_dir() / FOLDER
    contents = Contents(
        environment.text("LOOKALIKE_INDEX", "products"),
        environment.text("LOOKALIKE_DESK_INDEX", "lookalike"),
    )
    with open_repository(environment) as repository:
        yield SnapshotPlace(
            repository, SavedFiles(environment.state_dir(), folder / "files"), contents
        )


@contextmanager
def open_repository(environment: Environment) -> Iterator[SnapshotRepository]:
    """Give the repository of the given server, or that of the local node."""
    named = environment.text("LOOKALIKE_SNAPSHOT_REPOSITORY")
    if server := Server.from_env(environment):
        if not named:
            raise StageFailed(
                "LOOKALIKE_SNAPSHOT_REPOSITORY is not set: name a snapshot repository that is "
                f"registered at {server.url}"
            )
        yield _prepared(SnapshotRepository(server, named), None)
        return
    node = Node(environment)
    was_running = node.process() is not None
    try:
        server = node.start(lambda line: click.echo(line, err=True))
        yield _prepared(SnapshotRepository(server, LOCAL_REPOSITORY), node.snapshot_dir)
    finally:
        if not was_running:
            node.stop(lambda line: click.echo(line, err=True))


def _prepared(repository: SnapshotRepository, folder: Path | None) -> SnapshotRepository:
    repository.prepare(folder)
    return repository
