"""A file that stands for no picture is recognised, and nothing matches it any more."""

from typing import Any

import pytest

from indexer.loading.placeholders import has_placeholder_name, is_placeholder, mark_placeholders
from mappings.catalogue.products import PICTURES
from mappings.catalogue.scan import listings_showing
from mappings.catalogue.shared_pictures import SharedPicture
from tests.indexer.conftest import Shop
from tests.indexer.doubles import RED


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://h/media/No-Image.png?v=2", True),
        ("images/no_photo_available.jpg", True),
        ("https://h/placeholder-600x600.webp", True),
        ("coming%20soon.gif", True),
        ("default-image.jpg", True),
        ("https://h/no-image/cup.jpg", False),
        ("casino-image.jpg", False),
        ("nokia-photo.jpg", False),
        ("http://[::1", False),
    ],
)
def test_name_tells(address: str, expected: bool) -> None:
    assert has_placeholder_name(address) is expected


def shared(products: int, *, name: str = "x.png", kinds: int = 1, brands: int = 0) -> SharedPicture:
    return SharedPicture(
        "0" * 64,
        products,
        False,
        frozenset({name}),
        frozenset(f"Kind {n}" for n in range(kinds)),
        frozenset(f"Brand {n}" for n in range(brands)),
    )


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (shared(3, name="no-image.png"), True),
        (shared(2, name="no-image.png"), False),
        (shared(20, kinds=3), True),
        (shared(19, kinds=9), False),
        (shared(5000, kinds=1, brands=50), False),
        (shared(20, kinds=0, brands=3), True),
        (shared(20, kinds=0, brands=0), False),
    ],
    ids=[
        "named",
        "named, too few",
        "many kinds",
        "too few",
        "one kind: a flood",
        "brands",
        "nothing",
    ],
)
def test_many_products_of_different_kinds_share_it(picture: SharedPicture, expected: bool) -> None:
    assert is_placeholder(picture, 20) is expected


def row(shop: Shop, key: str, kind: str, *pictures: str) -> dict[str, Any]:
    return {"id": key, "title": key, "category": kind, "image_link": list(pictures)}


def test_placeholder_stays_with_its_products_and_matches_nothing(shop: Shop) -> None:
    grey = shop.picture("grey.png", RED)
    own = shop.picture("own.png", (9, 9, 200))
    kinds = ["Home", "Toys", "Food", "Home"]
    shop.write(
        *(row(shop, f"p{n}", kind, grey) for n, kind in enumerate(kinds)),
        row(shop, "own", "Home", grey, own),
        *(row(shop, f"flood{n}", "Bags", own) for n in range(4)),
    )
    shop.load()
    image_id = shop.stored(["p0"])["p0"][PICTURES][0]["image_id"]
    assert mark_placeholders(shop.catalogue, 5, lambda: False) == 5
    assert mark_placeholders(shop.catalogue, 5, lambda: False) == 0
    products = shop.stored(["p0", "p1", "own", "flood0"])
    (picture,) = products["p0"][PICTURES]
    assert (picture["source"], picture["url"]) == ("placeholder", "grey.png")
    assert not {"tone", "words", "pending"} & picture.keys()
    # Products without a picture of their own are no card of one photo.
    assert products["p0"]["photo_group"] != products["p1"]["photo_group"]
    assert products["own"]["photo_group"] == products["flood0"]["photo_group"]
    assert listings_showing(shop.catalogue, [image_id]) == {}
    # A later load meets it again, and leaves it so.
    shop.load()
    assert shop.stored(["p0"])["p0"][PICTURES][0]["source"] == "placeholder"
