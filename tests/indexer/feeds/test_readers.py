"""Readers keep the contract, and the surest one reads a source."""

import json
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from core import plug_ins
from core.environment import Environment
from core.errors import InvalidSetting, UnknownName
from core.plug_ins import PlugInProblem
from indexer.errors import FeedUnreadable
from indexer.feeds import registry
from indexer.feeds.conformance import FileReaderConformance, ReaderConformance
from indexer.feeds.delimited import DelimitedReader
from indexer.feeds.feed import open_feed
from indexer.feeds.folder import FolderReader
from indexer.feeds.jsonlines import JsonLinesReader
from indexer.feeds.reader import Reader, ReadReport, Recognition
from indexer.feeds.registry import ReaderRegistry
from indexer.feeds.rows import Rejection, Row
from indexer.feeds.source import Source, locate

ROWS = [{"id": str(number), "title": "Mug", "image_link": f"{number}.jpg"} for number in range(5)]
CSV = "id,title,image_link\n" + "".join(f"{row['id']},Mug,{row['id']}.jpg\n" for row in ROWS)


class TestDelimited(FileReaderConformance):
    @pytest.fixture
    def reader(self) -> Reader:
        return DelimitedReader()

    @pytest.fixture
    def sample(self, tmp_path: Path) -> Path:
        path = tmp_path / "sample.csv"
        path.write_text(CSV)
        return path


class TestJsonLines(FileReaderConformance):
    @pytest.fixture
    def reader(self) -> Reader:
        return JsonLinesReader()

    @pytest.fixture
    def sample(self, tmp_path: Path) -> Path:
        path = tmp_path / "sample.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
        return path


class TestFolder(ReaderConformance):
    @pytest.fixture
    def reader(self) -> Reader:
        return FolderReader()

    @pytest.fixture
    def source(self, tmp_path: Path) -> Source:
        for number in range(3):
            (tmp_path / f"{number}.jpg").touch()
        return locate(tmp_path)


class Sure:
    """Reads nothing, and is as sure of every source as it is told to be."""

    def __init__(self, name: str, recognition: Recognition) -> None:
        self.name = name
        self._recognition = recognition

    def recognise(self, source: Source) -> Recognition:
        return self._recognition

    def columns(self, source: Source) -> tuple[str, ...]:
        return ()

    def count(self, source: Source) -> int:
        return 0

    def read(self, source: Source, report: ReadReport) -> Iterator[Row | Rejection]:
        yield from ()


SOURCE = Source("shop://host/goods")


def test_surest_reader_gets_the_source() -> None:
    readers = ReaderRegistry(
        Sure(recognition.name.lower(), recognition) for recognition in Recognition
    )
    assert readers.choose(SOURCE).name == "schema"


def test_two_equally_sure_readers_are_named_with_the_cure() -> None:
    readers = ReaderRegistry([Sure("a", Recognition.FORMAT), Sure("b", Recognition.FORMAT)])
    with pytest.raises(FeedUnreadable, match="as a or as b; say which with --reader"):
        readers.choose(SOURCE)


def test_reader_left_out_is_named_where_nothing_else_reads_the_source() -> None:
    problem = PlugInProblem("g", "shop", "acme", "acme:create", "ImportError: no driver", "mend")
    readers = ReaderRegistry([Sure("a", Recognition.NO)], [problem])
    with pytest.raises(FeedUnreadable, match=r"shop:// addresses.*'shop'.*acme.*no driver"):
        readers.choose(SOURCE)
    with pytest.raises(InvalidSetting, match="no driver"):
        readers.by_name("shop")


@pytest.mark.parametrize("name", ["", "CSV", "a-b", "1"])
def test_ill_formed_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidSetting, match="reader name"):
        ReaderRegistry([Sure(name, Recognition.NO)])


def test_doubled_name_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="two readers"):
        ReaderRegistry([Sure("a", Recognition.NO), Sure("a", Recognition.NO)])


def test_our_readers_are_installed_as_plugins() -> None:
    assert list(registry.load(Environment({}))) == [
        "delimited",
        "folder",
        "json",
        "jsonld",
        "jsonlines",
        "magento",
        "merchant_table",
        "merchant_xml",
        "mongo",
        "shopify",
        "sql",
        "woocommerce",
    ]


def entry(name: str, target: str) -> EntryPoint:
    return EntryPoint(name, target, registry.GROUP)


@pytest.mark.parametrize(
    ("name", "target", "reason"),
    [
        ("broken", "no.such.package:create", "ModuleNotFoundError"),
        ("other", "indexer.feeds.delimited:create", "its name is 'delimited'"),
        ("text", "builtins:str", "it is no reader"),
    ],
)
def test_reader_of_another_package_that_breaks_the_contract_is_left_out_and_named(
    monkeypatch: pytest.MonkeyPatch, name: str, target: str, reason: str
) -> None:
    ours = [entry("folder", "indexer.feeds.folder:create")]
    monkeypatch.setattr(plug_ins, "entry_points", lambda group: [*ours, entry(name, target)])
    readers = registry.load(Environment({}))
    assert list(readers) == ["folder"]
    assert [problem.name for problem in readers.problems] == [name]
    assert reason in readers.problems[0].reason


def test_named_reader_reads_what_another_would_get(tmp_path: Path) -> None:
    path = tmp_path / "feed"
    path.write_text('{"id": "1", "image": "1.jpg"}\n')
    assert open_feed(path).reader.name == "jsonlines"
    with pytest.raises(FeedUnreadable, match="it lacks id"):
        open_feed(path, reader="delimited")
    with pytest.raises(UnknownName, match="unknown reader 'xml'"):
        open_feed(path, reader="xml")


def test_reading_names_the_reader_and_what_it_found(tmp_path: Path) -> None:
    path = tmp_path / "feed"
    path.write_text(CSV.replace(",", ";"))
    feed = open_feed(path)
    assert len(list(feed.rows())) == len(ROWS)
    assert feed.reading == "delimited: encoding ASCII, delimiter semicolon"


def test_report_shows_facts_then_counts() -> None:
    report = ReadReport()
    report.count("rows merged into their product", 1200)
    report.count("rows left out", 0)
    report.note("delimiter", "tab")
    assert str(report) == "delimiter tab, 1,200 rows merged into their product"


def test_address_is_shown_without_its_password() -> None:
    source = locate("oracle://user:secret@db.example/shop?ssl=on")
    assert (source.name, source.scheme) == ("oracle://db.example/shop", "oracle")
    with pytest.raises(FeedUnreadable, match="no installed reader reads from oracle://"):
        open_feed("oracle://user:secret@db.example/shop")
