"""The command line: ``python -m indexer load``, ``demo``, ``undo-rebuild``, ``sync``,
``reconcile``, ``status``, ``measure``, ``calibrate``, ``swap-model``, ``backfill``, ``centre``,
``train-head``, ``train-autoencoder``, ``expire``.

Exit codes: 0 all in, 1 some rejected, 2 failed, 130 interrupted.
"""

import click

from indexer.calibration.command import calibrate
from indexer.commands.backfill import backfill
from indexer.commands.load import demo, load
from indexer.commands.measure import measure
from indexer.commands.status import status
from indexer.commands.sync import reconcile, sync
from indexer.commands.undo_rebuild import undo_rebuild
from indexer.expiry import expire
from indexer.swap import command as swap_model
from indexer.training.centre import centre
from indexer.training.commands import train_autoencoder, train_head


@click.group()
def main() -> None:
    """Fill the products index from a feed and look after it."""


for command in (
    load,
    demo,
    undo_rebuild,
    sync,
    reconcile,
    status,
    measure,
    calibrate,
    swap_model.group,
    backfill,
    centre,
    train_head,
    train_autoencoder,
    expire,
):
    main.add_command(command)


if __name__ == "__main__":
    main()
