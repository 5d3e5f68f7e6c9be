"""`python -m bench`: one JSON line a figure. Exit codes: 0 fine, 1 a limit missed, 2 failed."""

import click

from bench import (
    calibrate,
    calibration,
    duplicates,
    filtered,
    learning,
    pdq_lookup,
    peers,
    peers_duplicates,
    scale,
    speed,
    street2shop,
    swap,
    sweep,
    thorn,
)


@click.group()
def main() -> None:
    """Measure what we claim, through the real index.

    Elasticsearch is the one ELASTICSEARCH_URL names, or the local node. Every bench fills an index
    of its own there and deletes it.
    """


for bench in (
    street2shop,
    duplicates,
    speed,
    sweep,
    calibrate,
    calibration,
    pdq_lookup,
    peers,
    peers_duplicates,
    thorn,
    filtered,
    scale,
    swap,
    learning,
):
    main.add_command(bench.command)


if __name__ == "__main__":
    main()
