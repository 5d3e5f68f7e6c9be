"""Photos of products are searched through the real index."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.data.query_photos import QueryPhoto, read_query_photos, take_evenly
from bench.relevance.preparation import PreparationComparison, PreparationVariant, parse_variant
from core.environment import Environment
from core.errors import UnknownName
from features.embedding.feature import create
from indexer.errors import FeedUnreadable
from tests.bench.conftest import Run


@pytest.fixture
def shop(tmp_path: Path, folder_of_photos: Path) -> Path:
    """A feed of four products, and a photo of each: smaller, as JPEG, one of them mislabelled."""
    with (tmp_path / "products.jsonl").open("w") as feed:
        for number in range(4):
            row = {"id": f"p{number}", "category": f"Kind {number % 2}"}
            feed.write(json.dumps({**row, "image": f"photos/{number}.png"}) + "\n")
    with (tmp_path / "queries.csv").open("w", newline="") as lines:
        queries = csv.writer(lines)
        queries.writerow(["image", "product_id", "category"])
        for number in range(4):
            with Image.open(folder_of_photos / f"{number}.png") as photo:
                photo.resize((200, 150)).save(tmp_path / f"q{number}.jpg")
            shown = number if number < 3 else 2
            queries.writerow([f"q{number}.jpg", f"p{shown}", f"Kind {shown % 2}"])
    return tmp_path


def test_street2shop_measures_what_the_index_finds(run: Run, shop: Path) -> None:
    figures = run(
        "street2shop", "--products", shop / "products.jsonl", "--queries", shop / "queries.csv"
    )
    # The hashes know a smaller copy; to the embedding, blotches of colour look alike.
    assert figures["hybrid.top1"]["figure"] == 0.75
    assert 0.75 < figures["hybrid.map"]["figure"] < 1.0
    assert figures["hybrid.category_top1"]["figure"] == 0.75
    assert figures["embedding.top5"]["figure"] == 1.0
    assert figures["brute_force.top1"]["figure"] == figures["embedding.top1"]["figure"] > 0
    assert figures["brute_force.top1_difference"]["figure"] == 0.0
    assert figures["brute_force.top5_difference"]["figure"] == 0.0
    assert figures["embedding.search_p50"]["figure"] > 0
    sizes = figures["embedding.top1"]["sizes"]
    assert (sizes["products"], sizes["pictures"], sizes["queries"]) == (4, 4, 4)


def test_refused_photo_has_found_nothing(run: Run, shop: Path) -> None:
    (shop / "q0.jpg").write_bytes(b"\xff\xd8\xff no picture")
    figures = run(
        "street2shop", "--products", shop / "products.jsonl", "--queries", shop / "queries.csv"
    )
    assert figures["hybrid.top1"]["figure"] == 0.5
    assert figures["brute_force.top1_difference"]["figure"] == 0.0


def test_csv_without_the_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    path.write_text("image,product\na.jpg,1\n")
    with pytest.raises(FeedUnreadable, match="product_id"):
        read_query_photos(path)


def test_limited_photos_are_spread_over_all(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    path.write_text("image,product_id\n" + "".join(f"{n}.jpg,{n}\n" for n in range(10)))
    photos = read_query_photos(path)
    assert [photo.product_id for photo in take_evenly(photos, 3)] == ["0", "3", "6"]
    assert take_evenly(photos, None) == take_evenly(photos, 50) == photos
    assert photos[0].path == tmp_path / "0.jpg"


@pytest.fixture
def many(tmp_path: Path, photo_of: Callable[[int], Image.Image]) -> Path:
    """A shop of 60 products, and two photos of each: brighter, smaller, and off the centre."""
    with (
        (tmp_path / "products.jsonl").open("w") as feed,
        (tmp_path / "queries.csv").open("w") as lines,
    ):
        lines.write("image,product_id\n")
        for number in range(60):
            shown = photo_of(number % 30).resize((96, 96)).rotate(90 * (number // 30))
            shown.save(tmp_path / f"{number}.png")
            feed.write(json.dumps({"id": f"p{number}", "image": f"{number}.png"}) + "\n")
            for photo in range(2):
                taken = shown.crop((4 * photo, 0, 90, 86)).point(lambda level: min(255, level + 40))
                taken.save(tmp_path / f"q{number}-{photo}.jpg")
                lines.write(f"q{number}-{photo}.jpg,p{number}\n")
    return tmp_path


def test_preparations_are_compared_without_an_index(run: Run, many: Path) -> None:
    names = "none,contrast,centred,centred-others,contrast+centred+accurate"
    figures = run(
        "street2shop",
        "--products", many / "products.jsonl", "--queries", many / "queries.csv",
        "--prepare", names,
    )  # fmt: skip
    assert [name for name in figures if name.endswith(".top1")] == [
        f"prepare.{name}.top1" for name in names.split(",")
    ]
    assert figures["prepare.none.top1"]["figure"] > 0.5
    assert all(0 < line["figure"] <= 1 for line in figures.values())
    distinct = ("none", "contrast", "centred", "contrast+centred+accurate")
    assert len({figures[f"prepare.{name}.map"]["figure"] for name in distinct}) == 4


def test_variant_names_what_is_done_to_both_sides() -> None:
    assert parse_variant("none") == PreparationVariant("none")
    assert parse_variant("denoise+centred+ten-crop") == PreparationVariant(
        "denoise+centred+ten-crop", ("denoise",), 10, 5, "centred"
    )
    with pytest.raises(UnknownName, match="five-crop"):
        parse_variant("centred+fifteen-crop")


def test_halves_learn_from_photos_that_are_not_asked(tmp_path: Path) -> None:
    photos = [QueryPhoto(tmp_path, key, "") for key in "aabbbbcc"]
    table = PreparationComparison(create(Environment.current()), (), photos)
    first, second = table.halves("centred")
    assert first.tolist() == [True, False, True, True, False, False, True, False]
    assert np.array_equal(next(table.halves("levelled")), first)
    others, _ = table.halves("centred-others")
    assert others.tolist() == [False, False, True, True, True, True, False, False]
    assert (first ^ second).all()
