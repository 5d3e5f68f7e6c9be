"""What a backfill command says at its end, and its exit code."""

import time

import click

from core.command_line import INCOMPLETE, INTERRUPTED, SUCCEEDED
from indexer.backfill.page_filler import BackfillControl, BackfillResult
from indexer.backfill.stored_pictures import StoredPictureReader

LISTED_PROBLEMS = 20


class BackfillReport:
    """Adds up the backfills that one command runs. Made before the first of them."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._pictures = 0
        self._problems: dict[str, str] = {}

    def add(self, result: BackfillResult) -> None:
        """Add the result of one index."""
        self._pictures += result.pictures
        self._problems |= result.problems

    def close(self, reader: StoredPictureReader, control: BackfillControl) -> int:
        """Print what was filled in and what was not; return the exit code."""
        for key, why in list(self._problems.items())[:LISTED_PROBLEMS]:
            control.progress.say(f"not filled in: {key}: {why}")
        seconds = time.monotonic() - self._began
        rate = self._pictures / max(seconds, 0.001)
        click.echo(
            f"{self._pictures} pictures filled in, {reader.from_thumbnails} from their thumbnails, "
            f"{len(self._problems)} not; {rate:.1f} pictures/s, {seconds:.1f} s"
        )
        if control.stop.is_set():
            click.echo("interrupted; run the same command again to continue", err=True)
            return INTERRUPTED
        return INCOMPLETE if self._problems else SUCCEEDED
