"""Feeds of every format, and everything that can be wrong with them."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import FeedUnreadable
from indexer.feeds.feed import open_feed
from indexer.feeds.rows import Rejection, Row

HEADER = "id,title,image_link\n"


def feed_of(folder: Path, content: str | bytes, name: str = "feed.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(path: Path) -> tuple[list[Row], list[Rejection]]:
    found = list(open_feed(path).rows())
    return [r for r in found if isinstance(r, Row)], [r for r in found if isinstance(r, Rejection)]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    path = feed_of(tmp_path, "id,title,image_link\n1,x,1.jpg\n".replace(",", delimiter))
    rows, rejected = read(path)
    assert rows == [Row(2, {"id": "1", "title": "x", "image_link": "1.jpg"})]
    assert not rejected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_encodings_with_and_without_gzip(tmp_path: Path, encoding: str, packed: bool) -> None:
    content = (HEADER + "1,Grüße 日本,1.jpg\n").encode(encoding)
    path = feed_of(tmp_path, gzip.compress(content) if packed else content, "feed.data")
    rows, rejected = read(path)
    assert rows[0].cells["title"] == "Grüße 日本"
    assert not rejected


def test_line_that_is_not_utf8_is_named_and_the_rest_goes_in(tmp_path: Path) -> None:
    good = "2,Größe,2.jpg\n3,Weiß,3.jpg\n".encode()
    path = feed_of(tmp_path, HEADER.encode() + b"1,Gr\xfc\xdfe,1.jpg\n" + good)
    rows, rejected = read(path)
    assert [row.cells["id"] for row in rows] == ["2", "3"]
    assert [(r.line, r.field, r.rule) for r in rejected] == [(2, "line", "encoding")]


def test_utf16_cut_in_the_middle_of_a_character_is_named(tmp_path: Path) -> None:
    path = feed_of(tmp_path, (HEADER + "1,ok,1.jpg\n").encode("utf-16") + b"x")
    rows, rejected = read(path)
    assert [row.cells["id"] for row in rows] == ["1"]
    assert [r.rule for r in rejected] == ["encoding"]


def test_unclosed_quote_costs_one_row(tmp_path: Path) -> None:
    good = "".join(f"{n},fine,{n}.jpg\n" for n in range(2, 5000))
    path = feed_of(tmp_path, HEADER + '1,"never closed,1.jpg\n' + good)
    rows, rejected = read(path)
    assert len(rows) == 4998
    assert [(r.line, r.rule) for r in rejected] == [(2, "quotes")]


def test_quotes_around_several_lines_are_one_row(tmp_path: Path) -> None:
    path = feed_of(tmp_path, HEADER + '1,"two\nlines, ""quoted""",1.jpg\n2,x,2.jpg\n')
    rows, rejected = read(path)
    assert rows[0].cells["title"] == 'two\nlines, "quoted"'
    assert [row.line for row in rows] == [2, 4]
    assert not rejected


def test_misplaced_quote_is_named(tmp_path: Path) -> None:
    rows, rejected = read(feed_of(tmp_path, HEADER + '1,"a"b,1.jpg\n2,x,2.jpg\n'))
    assert len(rows) == 1
    assert [(r.line, r.rule) for r in rejected] == [(2, "quotes")]


def test_empty_cells_beyond_the_header_are_passed_over(tmp_path: Path) -> None:
    rows, rejected = read(feed_of(tmp_path, HEADER + "1,x,1.jpg,\n2,x,2.jpg,,\n"))
    assert [row.cells["image_link"] for row in rows] == ["1.jpg", "2.jpg"]
    assert not rejected


def test_delimiter_may_be_named_in_the_first_line(tmp_path: Path) -> None:
    rows, rejected = read(feed_of(tmp_path, "sep=;\nid;title;image_link\n1;a,b;1.jpg\n"))
    assert rows == [Row(3, {"id": "1", "title": "a,b", "image_link": "1.jpg"})]
    assert not rejected


@pytest.mark.parametrize("row", ["1,x", "1,x,1.jpg,more"])
def test_wrong_column_count_is_named(tmp_path: Path, row: str) -> None:
    rows, rejected = read(feed_of(tmp_path, f"{HEADER}{row}\n2,x,2.jpg\n"))
    assert len(rows) == 1
    assert [(r.line, r.rule) for r in rejected] == [(2, "column_count")]


@pytest.mark.parametrize(
    ("characters", "rule"), [(150_000, "cell_too_long"), (3_000_000, "line_too_long")]
)
def test_cell_without_end_is_named(tmp_path: Path, characters: int, rule: str) -> None:
    path = feed_of(tmp_path, f"{HEADER}1,{'x' * characters},1.jpg\n2,x,2.jpg\n")
    rows, rejected = read(path)
    assert [row.cells["id"] for row in rows] == ["2"]
    assert [(r.line, r.rule) for r in rejected] == [(2, rule)]


def test_column_that_stands_twice_is_a_list(tmp_path: Path) -> None:
    head = "id,image_link,additional_image_link,additional_image_link\n"
    rows, _ = read(feed_of(tmp_path, head + "1,a.jpg,b.jpg,c.jpg\n"))
    assert rows[0].cells["additional_image_link"] == ["b.jpg", "c.jpg"]


@pytest.mark.parametrize(
    "line",
    ['{"id": 1', "[1]", '"text"', "null", '{"id": NaN}', "[" * 900_000, '{"id": 1}}', "{" * 5000],
)
def test_broken_json_line_is_named(tmp_path: Path, line: str) -> None:
    good = json.dumps({"id": "2", "image": "2.jpg"})
    rows, rejected = read(feed_of(tmp_path, f"{good}\n{line}\n\n{good}\n", "feed.jsonl"))
    assert len(rows) == 2
    assert [(r.line, r.field, r.rule) for r in rejected] == [(2, "line", "json")]


def test_columns_missing_in_the_first_json_row_are_found_in_later_ones(tmp_path: Path) -> None:
    content = '{"id": "1"}\n{"id": "2", "image": "2.jpg"}\n'
    assert open_feed(feed_of(tmp_path, content)).columns == ("id", "image")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("name,photo\nx,y\n", "columns name, photo; it lacks id .*; image_link"),
        ('{"sku_code": 1}\n', "columns sku_code"),
        ("", "is empty"),
        ("\n \n", "is empty"),
        ('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "&b;">]><rss/>', "XML"),
        ('[{"id": 1}]', "lacks image_link"),
        (b"PK\x03\x04...", "ZIP"),
        (b"\0\0\1\2" * 100, "no text"),
        ("id,image_link\n".encode("utf-32"), "UTF-32"),
        (b"id,im\xffage_link\n1,x\n", "lacks image_link"),
        ("id,größe,ü\n".encode() + b"\xff", "lacks image_link"),
        (gzip.compress(b"<rss/>"), "XML"),
    ],
)
def test_unreadable_feed_says_why(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(FeedUnreadable, match=said):
        open_feed(feed_of(tmp_path, content))


def test_missing_feed_says_so(tmp_path: Path) -> None:
    with pytest.raises(FeedUnreadable, match="no such file"):
        open_feed(tmp_path / "none.csv")


def test_cut_gzip_gives_what_came_before_and_then_fails(tmp_path: Path) -> None:
    lines = "".join(f"{n},{n * 7919 % 104729},{n}.jpg\n" for n in range(50_000))
    packed = gzip.compress((HEADER + lines).encode())
    feed = open_feed(feed_of(tmp_path, packed[: len(packed) // 2]))
    rows = []
    with pytest.raises(FeedUnreadable, match="damaged after line"):
        rows.extend(row for row in feed.rows() if not rows.append(row))
    assert len(rows) > 1000


def test_folder_is_one_product_a_picture(tmp_path: Path) -> None:
    for name in ("b_red-shoe.JPG", "shoes/men/a.png", ".hidden.jpg", "notes.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    feed = open_feed(tmp_path)
    rows, _ = read(tmp_path)
    assert [row.cells["id"] for row in rows] == ["b_red-shoe.JPG", "shoes/men/a.png"]
    assert rows[0].cells["title"] == "b red shoe"
    assert rows[1].cells["category"] == ["shoes", "men"]
    assert (feed.home, feed.count()) == (tmp_path, 2)


@pytest.mark.parametrize(
    ("content", "products"),
    [(HEADER + "1,a,b\n2,a,b\n", 2), (HEADER + "1,a,b", 1), ('{"id":1,"image":2}\n', 1)],
)
def test_count_is_that_of_the_lines(tmp_path: Path, content: str, products: int) -> None:
    assert open_feed(feed_of(tmp_path, content)).count() == products


@given(content=st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_after_a_header_are_rows_or_rejections(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("feed")
    for head in (HEADER.encode(), b'{"id": 1, "image": "x"}\n'):
        found = list(open_feed(feed_of(folder, head + content)).rows())
        assert all(isinstance(one, Row | Rejection) for one in found)
