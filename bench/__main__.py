"""`python -m bench`: one JSON line a figure. Exit codes: 0 fine, 1 a limit missed, 2 failed."""

import click

from bench.duplicates import duplicates, pdq_lookup
from bench.peers.copies import peers_duplicates, thorn
from bench.peers.vectors import peers
from bench.relevance import calibration, learning, street2shop
from bench.speed import speed, swap, sweep
from bench.vectors import filtered, scale
from bench.verdict import calibrate


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
