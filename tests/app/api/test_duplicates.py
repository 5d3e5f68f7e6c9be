"""The duplicate check through HTTP: rungs that prove, look-alikes that do not."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.support.shop import Shop
from tests.support.uploads import form

BOOK = "saleor-headless-omnichannel-book.png"
BOOK_ID = "saleor-126"
BEANIE = "Pirate's Beanie"


def check(client: FlaskClient, picture: bytes, **fields: Any) -> Any:
    return client.post("/api/v1/duplicates/check", **form(picture, **fields))


def edited(picture: bytes, turn: Image.Transpose | None = None, quality: int = 60) -> bytes:
    with Image.open(io.BytesIO(picture)) as source:
        layer = source.convert("RGBA")
        flat = Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
        out = io.BytesIO()
        (flat if turn is None else flat.transpose(turn)).save(out, "JPEG", quality=quality)
    return out.getvalue()


def test_same_bytes_are_the_same_file(client: FlaskClient, shop: Shop) -> None:
    answer = check(client, shop.picture(BOOK)).json
    assert answer["verdict"] == "same_file"
    best = answer["matches"][0]
    assert (best["label"], best["id"], best["p_same_photo"]) == ("same_file", BOOK_ID, 1.0)


@pytest.mark.parametrize("turn", [None, Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_90])
def test_other_bytes_of_the_same_pixels_are_the_same_photo(
    client: FlaskClient, shop: Shop, turn: Image.Transpose | None
) -> None:
    answer = check(client, edited(shop.picture("saleor-beanie-1.png"), turn)).json
    assert answer["verdict"] == "same_photo"
    assert answer["matches"][0]["product"]["title"] == BEANIE


def test_different_photos_are_never_more_than_look_alikes(client: FlaskClient, shop: Shop) -> None:
    answer = check(client, edited(shop.picture(BOOK))).json
    proved = [m["id"] for m in answer["matches"] if m["label"] != "same_product"]
    assert proved == [BOOK_ID]


def test_stored_product_is_checked_against_the_others(client: FlaskClient) -> None:
    answer = client.post("/api/v1/duplicates/check", data={"product_id": BOOK_ID}).json
    assert answer is not None
    assert BOOK_ID not in [match["id"] for match in answer["matches"]]


def test_nothing_to_see_is_no_signal_and_not_no_duplicate(client: FlaskClient) -> None:
    blank = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(blank, "PNG")
    answer = check(client, blank.getvalue()).json
    assert (answer["verdict"], answer["matches"]) == ("no_signal", [])


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 422),
        ({"q": "mug", "product_id": BOOK_ID}, 400),
        ({"product_id": BOOK_ID, "listing": "title:Mug"}, 422),
        ({"product_id": BOOK_ID, "other_sellers": "true"}, 422),
        ({"product_id": "nobody's"}, 404),
        ({"product_id": BOOK_ID, "filter": "moon:full"}, 400),
    ],
)
def test_check_says_what_it_cannot_take(
    client: FlaskClient, fields: dict[str, str], status: int
) -> None:
    assert client.post("/api/v1/duplicates/check", data=fields).status_code == status


def test_every_match_says_why(client: FlaskClient, shop: Shop) -> None:
    picture = edited(shop.picture(BOOK), Image.Transpose.FLIP_LEFT_RIGHT)
    best = check(client, picture, listing="title:another title").json["matches"][0]
    assert (best["id"], best["alignment"]["mirrored"]) == (BOOK_ID, True)
    assert best["signals"]["same_title"] == 0.0
    assert best["signals"]["pdq_distance"] < 64  # a stranger is at 128, give or take 16
    told = {one["signal"] for one in best["contributions"]}
    assert told <= best["signals"].keys()
    assert sum(one["log_odds"] for one in best["contributions"]) > 0


def test_filters_narrow_what_a_picture_is_compared_with(client: FlaskClient, shop: Shop) -> None:
    picture = shop.picture(BOOK)
    assert check(client, picture, filter="brand:nobody's").json["matches"] == []
    assert check(client, picture, price_min="1000000").json["matches"] == []
