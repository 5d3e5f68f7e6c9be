"""`python -m bench NAME`: print one JSON line per figure.

Exit codes: 0 all limits reached, 1 a limit missed, 2 the run failed.
"""

import click

from bench.duplicates import cases, duplicates, hma_lookup, kinds, listings, pdq_lookup
from bench.events import events
from bench.experiments import experiment_report, fit_weights
from bench.feeds import feeds
from bench.freshness import convergence, freshness, writing
from bench.look import look
from bench.pages import page
from bench.peers.copies import peers_duplicates, thorn
from bench.peers.vectors import peers
from bench.relevance import calibration, learning, street2shop
from bench.speed import feature_service, speed, swap, sweep
from bench.steps import faults, sync
from bench.text import labels
from bench.vectors import filtered, scale
from bench.verdict import calibrate
from bench.words import photo_words, suggest, words, words_speed


@click.group()
def main() -> None:
    """Measure what this project claims, through the real index.

    ELASTICSEARCH_URL names the server; without it the local node is used. Each bench fills its own
    index there and deletes it at the end.
    """


for bench in (
    street2shop,
    duplicates,
    cases,
    kinds,
    speed,
    sweep,
    calibrate,
    calibration,
    pdq_lookup,
    hma_lookup,
    listings,
    peers,
    peers_duplicates,
    thorn,
    filtered,
    scale,
    swap,
    learning,
    words,
    words_speed,
    photo_words,
    suggest,
    labels,
    feeds,
    freshness,
    convergence,
    writing,
    feature_service,
    sync,
    faults,
    page,
    events,
    look,
    experiment_report,
    fit_weights,
):
    main.add_command(bench.command)


if __name__ == "__main__":
    main()
