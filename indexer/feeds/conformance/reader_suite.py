"""What every reader promises, as tests."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.errors import FeedUnreadable
from indexer.feeds import columns, registry
from indexer.feeds.product import Product, parse_product
from indexer.feeds.reader import Reader, ReadReport, Recognition
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import HEAD_BYTES, Source, locate

ALIENS = {
    "empty": b"",
    "zeros": b"\0" * HEAD_BYTES,
    "noise": bytes(range(256)) * (HEAD_BYTES // 256),
    "blanks": b" \n" * 100,
    "half a character": b"\xe3\x81",
    "UTF-16 mark alone": b"\xff\xfe",
}
"""Beginnings of files that a reader must be able to look at without failing."""


def read_all(reader: Reader, source: Source) -> list[Row | Rejection]:
    """Return everything the reader yields for a source."""
    return list(reader.read(source, ReadReport()))


class ReaderConformance:
    """What every reader promises. Subclasses give the fixtures `reader` and `source`."""

    @pytest.fixture
    def reader(self) -> Reader:
        """The reader under test."""
        raise NotImplementedError("give a fixture `reader`")

    @pytest.fixture
    def source(self) -> Source:
        """A sample that the reader recognises, with at least two products."""
        raise NotImplementedError("give a fixture `source`")

    def test_it_breaks_nothing_that_is_checked_at_start(self, reader: Reader) -> None:
        """It has every method of the protocol, and a name that an option can have."""
        assert registry.reader_violations(reader, reader.name) == []

    def test_recognises_its_sample(self, reader: Reader, source: Source) -> None:
        """It is the reader for its own sample."""
        assert reader.recognise(source) is not Recognition.NO

    @pytest.mark.parametrize("name", ALIENS)
    def test_looks_at_any_beginning_without_failing(
        self, reader: Reader, tmp_path: Path, name: str
    ) -> None:
        """It recognises nothing, or something, in bytes of any kind, and raises nothing."""
        source = Source("alien", tmp_path / "alien", ALIENS[name])
        assert isinstance(reader.recognise(source), Recognition)

    def test_leaves_an_unknown_address_to_others(self, reader: Reader) -> None:
        """An address of a scheme nobody uses is not its own."""
        assert reader.recognise(Source("x-conformance://host/shop")) is Recognition.NO

    def test_columns_have_an_id_and_a_picture(self, reader: Reader, source: Source) -> None:
        """The columns it names before reading hold what every product needs."""
        names = reader.columns(source)
        assert all(isinstance(name, str) for name in names)
        columns.require_columns(names or ("id", "image_link"))

    def test_sample_gives_products(self, reader: Reader, source: Source) -> None:
        """At least two rows are products by the rules that a load applies."""
        rows = [row for row in read_all(reader, source) if isinstance(row, Row)]
        parsed = [parse_product(row) for row in rows]
        products = [product for product in parsed if isinstance(product, Product)]
        assert len(products) >= 2, parsed
        assert len({product.id for product in products}) == len(products)

    def test_count_is_about_right(self, reader: Reader, source: Source) -> None:
        """The count is 0 for unknown, or within a factor of ten of the rows there are."""
        rows, count = len(read_all(reader, source)), reader.count(source)
        assert count == 0 or rows / 10 <= count <= rows * 10

    def test_rows_come_lazily(self, reader: Reader, source: Source) -> None:
        """It yields, so that a feed of any size fits in memory."""
        assert isinstance(reader.read(source, ReadReport()), Iterator)

    def test_lines_count_from_one_and_no_two_rows_share_one(
        self, reader: Reader, source: Source
    ) -> None:
        """A line tells a person where to look, so it names one product."""
        found = read_all(reader, source)
        assert all(item.line >= 1 for item in found)
        lines = [item.line for item in found if isinstance(item, Row)]
        assert len(set(lines)) == len(lines)

    def test_reading_again_gives_the_same(self, reader: Reader, source: Source) -> None:
        """A reader keeps no state: a second reading, begun in the middle of a first, is whole."""
        first = reader.read(source, ReadReport())
        begun = next(first)
        again = read_all(reader, source)
        assert [begun, *first] == again

    def test_cells_are_plain_values(self, reader: Reader, source: Source) -> None:
        """Cells are what JSON can hold: text, numbers, lists and objects of them, None."""
        for row in read_all(reader, source):
            if isinstance(row, Row):
                assert all(isinstance(name, str) for name in row.cells)
                json.dumps(dict(row.cells), allow_nan=False)

    def test_report_is_one_line(self, reader: Reader, source: Source) -> None:
        """What it reports can be shown in one line."""
        report = ReadReport()
        for _ in reader.read(source, report):
            pass
        assert "\n" not in str(report)


class FileReaderConformance(ReaderConformance):
    """What a reader of files promises beside. Subclasses give `reader` and `sample`, a path."""

    @pytest.fixture
    def sample(self) -> Path:
        """The path of the sample file."""
        raise NotImplementedError("give a fixture `sample`")

    @pytest.fixture
    def source(self, sample: Path) -> Source:
        """The sample, opened as a load opens it."""
        return locate(sample)

    def test_sample_is_recognised_under_any_name(
        self, reader: Reader, sample: Path, tmp_path: Path
    ) -> None:
        """What a file is shows in its content: downloads have names of any kind."""
        copy = tmp_path / "download"
        copy.write_bytes(sample.read_bytes())
        assert reader.recognise(locate(copy)) is not Recognition.NO

    @pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
    def test_file_that_breaks_off_is_named(
        self, reader: Reader, sample: Path, tmp_path: Path, share: float
    ) -> None:
        """Half a file gives rows, rejections, or FeedUnreadable; never another error."""
        whole = sample.read_bytes()
        self._read_damaged(reader, tmp_path, whole[: int(len(whole) * share)])

    @pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
    def test_damaged_bytes_are_named(
        self, reader: Reader, sample: Path, tmp_path: Path, share: float
    ) -> None:
        """Bytes of noise inside a file give the same; the rows around them may be lost."""
        whole = sample.read_bytes()
        place = int(len(whole) * share)
        damaged = whole[:place] + b"\xff\0\x80\"<'" + whole[place + 6 :]
        self._read_damaged(reader, tmp_path, damaged)

    def _read_damaged(self, reader: Reader, folder: Path, content: bytes) -> None:
        path = folder / "damaged"
        path.write_bytes(content)
        try:
            found = read_all(reader, locate(path))
        except FeedUnreadable:
            return
        assert all(isinstance(item, Row | Rejection) for item in found)
