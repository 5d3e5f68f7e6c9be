"""Photos of products are searched through the real index."""

import csv
import json
from pathlib import Path

import pytest
from PIL import Image

from bench.photos import read, spread
from features.errors import FeedUnreadable
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
        read(path)


def test_limited_photos_are_spread_over_all(tmp_path: Path) -> None:
    path = tmp_path / "queries.csv"
    path.write_text("image,product_id\n" + "".join(f"{n}.jpg,{n}\n" for n in range(10)))
    photos = read(path)
    assert [photo.product_id for photo in spread(photos, 3)] == ["0", "3", "6"]
    assert spread(photos, None) == spread(photos, 50) == photos
    assert photos[0].path == tmp_path / "0.jpg"
