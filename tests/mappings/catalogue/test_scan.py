"""The walk meets every picture once, with its vectors, and goes on where it was left."""

from datetime import UTC, datetime

import numpy as np
import pytest

from features.base import Json
from mappings.catalogue import scan
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.scan import PictureListing

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
OLD, NEW = "2026-05-01T11:59:59.999+00:00", "2026-05-01T12:00:00.000+00:00"


def picture(image_id: str, added_at: str = OLD) -> Json:
    return {"image_id": image_id, "arrow": [0.5, 0.25], "added_at": added_at}


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    catalogue.write(
        [
            {"id": "a", "seller_id": "s", "images": [picture("1"), picture("2", NEW)]},
            {"id": "b", "images": [picture("1")]},
            {"id": "c", "images": [picture("3", NEW)]},
            {"id": "d", "images": [{"image_id": "4", "arrow": [1.0, 0.0]}]},
        ],
        refresh=True,
    )
    return catalogue


def met(catalogue: Catalogue, **how: Json) -> list[tuple[str, str]]:
    return [
        (product["id"], one["image_id"])
        for page in scan.scan_pictures(catalogue, **how)
        for product, one in page.pictures
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
def test_every_picture_is_met_once_whatever_the_page(filled: Catalogue, size: int) -> None:
    assert met(filled, size=size) == [("a", "1"), ("a", "2"), ("b", "1"), ("c", "3"), ("d", "4")]


def test_vectors_come_along(filled: Catalogue) -> None:
    (page,) = scan.scan_pictures(filled)
    vectors = np.array([one["arrow"] for _, one in page.pictures])
    assert vectors == pytest.approx(np.array([[0.5, 0.25]] * 4 + [[1.0, 0.0]]), rel=1e-4)


def test_walk_goes_on_behind_its_position_whatever_was_written_meanwhile(
    filled: Catalogue,
) -> None:
    first = next(scan.scan_pictures(filled, size=2))
    filled.write([{"id": "aa", "images": [picture("5")]}, {"id": "e", "images": []}], refresh=True)
    assert first.position == "b"
    assert met(filled, after=first.position, size=2) == [("c", "3"), ("d", "4")]


def test_only_pictures_added_since_are_met_and_counted(filled: Catalogue) -> None:
    assert met(filled, since=NOON) == [("a", "2"), ("c", "3")]
    assert scan.count_pictures(filled, NOON) == 2
    assert scan.count_pictures(filled) == 5


def test_holders_are_all_products_that_show_a_picture(
    filled: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "LISTINGS_PAGE_SIZE", 1)
    assert scan.listings_showing(filled, ["1", "4", "nobody's"]) == {
        "1": [
            PictureListing("a", OLD, "s", first_image_id="1"),
            PictureListing("b", OLD, first_image_id="1"),
        ],
        "4": [PictureListing("d", "", first_image_id="4")],
    }
