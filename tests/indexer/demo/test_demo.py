"""The demo shop: the same every time, valid, good to tell apart, and quick to draw."""

import csv
import json
import resource
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pdqhash
import pytest
from PIL import Image

from indexer import demo
from indexer.demo import lettering, shop_plan
from indexer.demo.edits import EDITS
from indexer.demo.kinds import KINDS
from indexer.feeds.feed import open_feed
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Row

SAME_PHOTO = 31
"""The PDQ distance within which two pictures count as one photo."""

LOW_INFORMATION = 50
"""The PDQ quality below which a picture is never matched by hash."""


@dataclass(frozen=True)
class Shop:
    """A written demo shop, and the processor seconds that drawing it took."""

    folder: Path
    rows: list[dict[str, object]]
    relistings: list[dict[str, str]]
    seconds: float

    def pictures(self, row: dict[str, object]) -> list[Path]:
        more = row["additional_image_link"]
        assert isinstance(more, list)
        return [self.folder / str(link) for link in (row["image_link"], *more)]

    def originals(self) -> list[dict[str, object]]:
        copies = {each["id"] for each in self.relistings}
        return [row for row in self.rows if row["id"] not in copies]

    def by_id(self, name: str) -> dict[str, object]:
        return next(row for row in self.rows if row["id"] == name)


def processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("demo")
    before = processor_seconds()
    feed = demo.write(folder)
    seconds = processor_seconds() - before
    rows = [json.loads(line) for line in feed.read_text(encoding="utf-8").splitlines()]
    with (folder / "relistings.csv").open(encoding="utf-8") as table:
        return Shop(folder, rows, list(csv.DictReader(table)), seconds)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def only_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw in this process, where a test can see and change what is drawn with."""
    monkeypatch.setattr(demo, "DRAWN_IN_PROCESS_MAX", 10_000)


@pytest.mark.usefixtures("only_here")
def test_same_shop_is_the_same_bytes(tmp_path: Path) -> None:
    demo.write(tmp_path / "a", products=12)
    demo.write(tmp_path / "b", products=12)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_workers_draw_what_one_process_draws(shop: Shop, tmp_path: Path) -> None:
    shots = shop_plan.plan_shop(300).pictures[:3]
    for shot in shots:
        demo.draw_picture(tmp_path, shot)
        assert (tmp_path / shot.path).read_bytes() == (shop.folder / shot.path).read_bytes()


@pytest.mark.usefixtures("only_here")
def test_unchanged_pictures_are_kept_and_missing_ones_drawn(tmp_path: Path) -> None:
    demo.write(tmp_path, products=6)
    whole = contents(tmp_path)
    pictures = sorted((tmp_path / "images").iterdir())
    pictures[0].unlink()
    pictures[1].write_bytes(b"half a pict")
    drawn: list[tuple[int, int]] = []
    demo.write(tmp_path, products=6, progress=lambda done, wanted: drawn.append((done, wanted)))
    assert drawn == [(1, 2), (2, 2)]
    assert contents(tmp_path) == whole


@pytest.mark.usefixtures("only_here")
def test_older_version_is_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo.write(tmp_path, products=3)
    monkeypatch.setattr(demo, "VERSION", demo.VERSION + 1)
    drawn: list[int] = []
    demo.write(tmp_path, products=3, progress=lambda done, wanted: drawn.append(wanted))
    assert len(drawn) == drawn[0] == len(list((tmp_path / "images").iterdir()))


@pytest.mark.parametrize("broken", [b"", b"[]", b"{", b'{"recipe": 1}'])
@pytest.mark.usefixtures("only_here")
def test_broken_stamp_is_written_again(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / ".stamp.json").write_bytes(broken)
    demo.write(tmp_path, products=1)
    assert json.loads((tmp_path / ".stamp.json").read_bytes())["sizes"]


def test_shop_has_what_it_promises(shop: Shop) -> None:
    assert len(shop.rows) == len({row["id"] for row in shop.rows}) == 300
    assert len(shop.relistings) == 36
    categories = {str(row["product_type"]) for row in shop.rows}
    assert len(categories) == len(KINDS)
    assert len({name.partition(" > ")[0] for name in categories}) == 4
    assert len({row["seller_id"] for row in shop.rows}) == 8
    assert any(row["availability"] == "out_of_stock" for row in shop.rows)
    groups = [row["item_group_id"] for row in shop.originals() if "item_group_id" in row]
    assert len(set(groups)) < len(groups) < len(shop.rows)


def test_every_row_is_taken_by_the_reader(shop: Shop) -> None:
    for row in open_feed(shop.folder / "products.jsonl").rows():
        assert isinstance(row, Row)
        assert isinstance(parse_product(row), Product)


def test_every_gtin_is_valid_and_reserved(shop: Shop) -> None:
    for number in (str(row["gtin"]) for row in shop.originals()):
        digits = [int(digit) for digit in number]
        assert len(digits) == 13
        assert number.startswith("952")
        assert sum(digits[::2] + [3 * digit for digit in digits[1::2]]) % 10 == 0


def test_every_picture_decodes_and_is_as_large_as_it_should_be(shop: Shop) -> None:
    for row in shop.rows:
        pictures = shop.pictures(row)
        assert 1 <= len(pictures) <= 3
        for path in pictures:
            with Image.open(path) as picture:
                picture.load()
                assert (picture.format, picture.mode) == ("JPEG", "RGB")
                assert 400 < max(picture.size) < 750


def test_some_products_are_described_in_japanese_too(shop: Shop) -> None:
    described = [row for row in shop.rows if any("぀" <= c <= "鿿" for c in str(row["description"]))]
    assert 0.06 < len(described) / len(shop.rows) < 0.25
    assert all(str(row["title"]).isascii() for row in shop.rows)


def test_no_two_products_look_like_one_photo(shop: Shop) -> None:
    hashes = []
    for row in shop.originals():
        with Image.open(shop.pictures(row)[0]) as picture:
            bits, quality = pdqhash.compute(np.asarray(picture))
        assert quality >= LOW_INFORMATION, row["id"]
        hashes.append(bits)
    table = np.array(hashes, np.int32)
    distances = table @ (1 - table).T + (1 - table) @ table.T
    np.fill_diagonal(distances, 256)
    assert (distances > SAME_PHOTO).all()


def test_relistings_use_every_edit_and_show_it_nowhere(shop: Shop) -> None:
    assert {each["edit"] for each in shop.relistings} == set(EDITS)
    fields = {field for row in shop.originals() for field in row}
    for each in shop.relistings:
        copy, original = shop.by_id(each["id"]), shop.by_id(each["original_id"])
        assert copy.keys() <= fields
        assert copy["seller_id"] != original["seller_id"]
        assert copy["title"] != original["title"]
        same = shop.pictures(copy)[0].read_bytes() == shop.pictures(original)[0].read_bytes()
        assert same == (each["edit"] == "copy")


def test_without_a_japanese_font_labels_are_latin(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere: Callable[[], None] = lambda: None  # noqa: E731
    monkeypatch.setattr(shop_plan, "japanese_font", nowhere)
    assert all(shot.design.words.isascii() for shot in shop_plan.plan_shop(300).pictures)
    monkeypatch.setattr(shop_plan, "japanese_font", lambda: Path(lettering.CJK[0]))
    assert any(not shot.design.words.isascii() for shot in shop_plan.plan_shop(300).pictures)


def test_shop_is_drawn_in_time(shop: Shop) -> None:
    # 38 processor seconds on a quiet 2-core machine; neighbours on the same cores inflate them.
    assert shop.seconds < 120
