"""The contract of feed readers as tests: a reader's own tests subclass these and run with pytest.

    class TestMyReader(FileReaderConformance):
        @pytest.fixture
        def reader(self) -> Reader:
            return MyReader()

        @pytest.fixture
        def sample(self, tmp_path: Path) -> Path:
            path = tmp_path / "sample"
            path.write_text(…)
            return path

The sample holds at least two products that can go in. A reader of addresses instead of files takes
`ReaderConformance`, whose fixture `source` gives the sample. docs/FEEDS.md has a whole example.
Nothing but tests imports this module: it needs pytest.
"""

import pytest

# Before it is imported, so that a failing assert shows its values.
pytest.register_assert_rewrite("indexer.feeds.conformance.reader_suite")

from indexer.feeds.conformance.reader_suite import (  # noqa: E402
    FileReaderConformance,
    ReaderConformance,
)

__all__ = ["FileReaderConformance", "ReaderConformance"]
