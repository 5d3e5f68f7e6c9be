"""Labelled listings are read in the form of two public sets, from small files made here."""

import csv
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from bench.data.labelled_listings import avito_path, read_avito, read_shopee
from bench.duplicates.listings import ListingMatch, mean_f1
from bench.errors import LabelsUnreadable
from tests.bench.conftest import Run

TITLES = ("Red bag, large", "red bag", 'Blue "cup"', "Kettle\nwith a lid")


def write(path: Path, head: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([head, *rows])
    return path


def draw(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", (320, 240), (240, 240, 235))
    pen = ImageDraw.Draw(image)
    for step in range(24):
        x, y = (seed * 97 + step * 61) % 280, (seed * 31 + step * 83) % 200
        fill = ((seed * 70 + step * 40) % 256, (step * 90) % 256, (seed * 120) % 256)
        pen.rectangle((x, y, x + 14 + step % 7 * 5, y + 9 + step % 5 * 6), fill=fill)
        pen.text((y, x % 220), f"{seed}-{step}", fill=(0, 0, 0))
    image.save(path, quality=90 - seed)


@pytest.fixture
def shopee_table(tmp_path: Path) -> Path:
    rows = []
    for number, title in enumerate(TITLES):
        draw(tmp_path / "train_images" / f"p{number}.jpg", 1 if number < 2 else number)
        group = 7 if number < 2 else number
        rows.append((f"train_{number}", f"p{number}.jpg", "ab12", title, group))
    rows.append(("train_9", "gone.jpg", "ab12", "No picture", 9))
    head = ("posting_id", "image", "image_phash", "title", "label_group")
    return write(tmp_path / "train.csv", head, rows)


def test_shopee_groups_become_pairs(shopee_table: Path) -> None:
    labelled = read_shopee(shopee_table, shopee_table.parent / "train_images")
    assert [listing.title for listing in labelled.listings] == [*TITLES, "No picture"]
    assert labelled.pairs == {("train_0", "train_1"): True}
    assert len(read_shopee(shopee_table, shopee_table.parent, limit=1).listings) == 2


def test_shopee_is_checked_through_the_index(run: Run, shopee_table: Path) -> None:
    pictures = shopee_table.parent / "train_images"
    figures = run("listings", "shopee", "--table", shopee_table, "--pictures", pictures)
    assert figures["photo.mean_f1"]["figure"] == 1.0
    assert figures["photo.mean_f1"]["sizes"]["without_picture"] == 1


@pytest.fixture
def avito_tables(tmp_path: Path) -> tuple[Path, Path]:
    for number in (1203, 45, 777):
        draw(avito_path(tmp_path, str(number)), 1 if number < 1000 and number != 45 else 3)
    listings = write(
        tmp_path / "info.csv",
        ("itemID", "categoryID", "title", "images_array", "price"),
        [
            (1, 5, "A", "1203", 10),
            (2, 5, "B", "45", 12),
            (3, 5, "C", "777", ""),
            (4, 5, "D", "", 1),
        ],
    )
    head = ("itemID_1", "itemID_2", "isDuplicate", "generationMethod")
    return listings, write(tmp_path / "pairs.csv", head, [(2, 1, 1, 1), (1, 3, 0, 2), (4, 3, 0, 2)])


def test_avito_pairs_are_checked_through_the_index(
    run: Run, avito_tables: tuple[Path, Path]
) -> None:
    listings, pairs = avito_tables
    figures = run(
        "listings", "avito", "--pairs", pairs, "--table", listings, "--pictures", pairs.parent
    )
    assert figures["auc"]["figure"] == 1.0
    assert figures["photo.recall"]["figure"] == 1.0
    assert figures["auc"]["sizes"]["pairs"] == 2


def test_avito_pictures_lie_by_their_last_digits() -> None:
    assert avito_path(Path("x"), "1203") == Path("x/Images_0/3/1203.jpg")
    assert avito_path(Path("x"), "5") == Path("x/Images_0/5/5.jpg")


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "itemID_1,itemID_2,isDuplicate\n1\n"])
def test_file_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pairs.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LabelsUnreadable):
        read_avito(path, path, tmp_path)


def test_mean_f1_counts_each_listing_with_itself() -> None:
    ids = frozenset("abc")
    matches = {("a", "b"): ListingMatch("same_photo", 0.9), ("a", "c"): ListingMatch("none", 0.1)}
    labels = frozenset({"same_photo"})
    assert mean_f1(ids, {("a", "b"): True}, matches, labels) == 1.0
    assert mean_f1(ids, {("b", "c"): True}, matches, labels) == pytest.approx(
        (2 / 3 + 1 / 2 + 2 / 3) / 3
    )
