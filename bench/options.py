"""The command-line options that every bench has."""

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

import click

P = ParamSpec("P")

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def shared(command: Callable[P, None]) -> Callable[P, None]:
    """Add the options `--keep` and `--markdown`."""
    keep = click.option("--keep", is_flag=True, help="Do not delete the index.")
    markdown = click.option("--markdown", is_flag=True, help="Print table rows instead of JSON.")
    return keep(markdown(command))
