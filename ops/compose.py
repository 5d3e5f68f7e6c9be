"""`python -m ops.compose`: the one-shot steps of docker-compose.yml.

`setup` gives Kibana its password and makes the API keys, one file each, in volumes that the
services mount read-only: no service can read a key it does not use. `load` does
what `make run` does before it serves: prepare the model, and fill the index from FEED, or with the
demo catalogue while the index is empty.
"""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from core.environment import Environment
from core.errors import EngineRefused, InvalidSetting, LookalikeError
from core.setting import Setting
from ops import keys
from ops.credentials import save_secret
from ops.run import prepare_index
from ops.server import Server
from ops.server_access import ServerAccess

SETTINGS = (
    Setting(
        "LOOKALIKE_KIBANA_PASSWORD",
        "",
        "password of Kibana's own user, for Docker Compose",
        secret=True,
    ),
)


KIBANA_USER = "kibana_system"
KEY_READERS = {
    "search": "app",
    "events": "app",
    "desk": "app",
    "shoppers": "app",
    "writer": "app",
    "indexer": "indexer",
}
"""Which service reads which role's key."""

SHORTEST_PASSWORD = 6
"""Elasticsearch's own limit for a password set over its API."""


@click.group()
def cli() -> None:
    """Set up what docker-compose.yml runs."""


@cli.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def setup(folder: Path) -> None:
    """Set Kibana's password and write the API keys within FOLDER. Safe to repeat."""
    environment = Environment.current()
    server = required_server(environment)
    set_password(server, KIBANA_USER, environment.secret("LOOKALIKE_KIBANA_PASSWORD"))
    index = environment.text("LOOKALIKE_INDEX", "products")
    write_keys(server, index, environment.text("LOOKALIKE_DESK_INDEX", "lookalike"), folder)
    click.echo("Kibana's password is set and the API keys are made")


@cli.command()
def load() -> None:
    """Prepare the model and fill the index."""
    environment = Environment.current()
    values = environment.values
    prepare_index(
        environment, ServerAccess(required_server(environment), values, values), click.echo
    )


def required_server(environment: Environment) -> Server:
    """Return the server the environment names; raises InvalidSetting when it names none."""
    server = Server.from_env(environment)
    if server is None:
        raise InvalidSetting("ELASTICSEARCH_URL is not set")
    return server


def set_password(server: Server, user: str, password: str) -> None:
    """Set a user's password; raises InvalidSetting for a password that is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidSetting(
            f"LOOKALIKE_KIBANA_PASSWORD must have at least {SHORTEST_PASSWORD} characters"
        )
    answer = server.request("POST", f"/_security/user/{user}/_password", {"password": password})
    if answer.status != 200:
        raise EngineRefused(f"the password of {user} could not be set: {answer.reason}")


def write_keys(server: Server, index: str, desk: str, folder: Path) -> None:
    """Write each role's key into the folder of the service that reads it, within `folder`.

    New keys are made only where the stored ones are refused.
    """
    api_keys = keys.ensure(server, index, desk, folder / "setup" / "keys.json")
    for role, key in asdict(api_keys).items():
        save_secret(folder / KEY_READERS[role] / role, key)


def main() -> None:
    """Run the command line; a LookalikeError is printed in one line, with exit code 2."""
    try:
        cli()
    except LookalikeError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
