"""Command-line options that several benches share."""

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

import click

P = ParamSpec("P")

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def with_output_options(command: Callable[P, None]) -> Callable[P, None]:
    """Add the options `--keep` and `--markdown`."""
    keep = click.option("--keep", is_flag=True, help="Keep the index.")
    markdown = click.option(
        "--markdown", is_flag=True, help="Print a Markdown table instead of JSON."
    )
    return keep(markdown(command))


def with_vector_options(command: Callable[P, None]) -> Callable[P, None]:
    """Add `--data`, `--duplicates`, `--seed` and `--svg`: which vectors to make, where to plot."""
    options = (
        click.option(
            "--data",
            type=FOLDER,
            required=True,
            help="Folder with the pictures whose embeddings the vectors are made from.",
        ),
        click.option("--duplicates", type=click.FloatRange(0, 0.9), default=0.3, show_default=True),
        click.option("--seed", type=int, default=7, show_default=True),
        click.option(
            "--svg",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Write the plot to this file.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command
