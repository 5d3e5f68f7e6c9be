"""``python -m bench.steps.counted_sync ADDRESS LOG``: a sync that notes every picture it computes.

It is a process of its own, so that a bench can kill it at any moment.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bench.steps.shop_table import SyncRuns
from bench.workspace import Workspace
from core.environment import Environment
from features import registry
from features.base import Json, Picture
from features.checksum import Checksum
from features.registry import Registry


class CountedChecksum(Checksum):
    """A checksum that appends a line to a file for every picture it is given."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return each picture's digest, and note it."""
        lines = "".join(f"{picture.sha256}\n" for picture in pictures)
        descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, lines.encode())
        os.close(descriptor)
        return super().extract(pictures)


def main(address: str, log: Path) -> None:
    """Sync once with the features that the environment names; raises LookalikeErrors."""
    environment = Environment.current()
    features = [
        CountedChecksum(log) if name == "checksum" else feature
        for name, feature in registry.load(environment).items()
    ]
    with SyncRuns(Workspace(environment, Registry(features)), address) as runs:
        runs.run()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
