"""The reader that docs/FEEDS.md shows works as it stands there."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from core.environment import Environment
from indexer.feeds import lines
from indexer.feeds.conformance import FileReaderConformance
from indexer.feeds.reader import Reader, ReadReport, Recognition
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source

ROOT = Path(__file__).parents[3]
BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "FEEDS.md").read_text(), re.DOTALL)
NAMES: dict[str, Any] = {
    item.__name__: item
    for item in (
        Environment, FileReaderConformance, Iterator, Path, ReadReport, Reader, Recognition,
        Rejection, Row, Source, islice,
    )
} | {"lines": lines, "pytest": pytest}  # fmt: skip

for block in BLOCKS:
    exec(block, NAMES)

TestPipes = NAMES["TestPipes"]


def test_the_documented_factory_builds_the_documented_reader() -> None:
    assert isinstance(NAMES["create"](Environment({})), Reader)
