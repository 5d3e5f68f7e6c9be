"""Parts of a picture are proposed through HTTP, and each can be searched with."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.support.shop import Shop
from tests.support.uploads import form

SHOE, MUG = "saleor-white-plimsolls-1.png", "saleor-mighty-mug.png"


def proposed(client: FlaskClient, *pictures: bytes, **fields: Any) -> Any:
    return client.post("/api/v1/regions", **form(*pictures, **fields))


def screenshot(*pictures: bytes) -> bytes:
    page = Image.new("RGB", (400 * len(pictures) + 100, 600), "white")
    for number, picture in enumerate(pictures):
        with Image.open(io.BytesIO(picture)) as opened:
            shown = opened.convert("RGBA").resize((300, 300))
        plate = Image.alpha_composite(Image.new("RGBA", shown.size, (228, 230, 235)), shown)
        page.paste(plate.convert("RGB"), (100 + 400 * number, 150))
    file = io.BytesIO()
    page.save(file, "PNG")
    return file.getvalue()


def test_every_product_of_a_screenshot_is_found_by_its_own_region(
    client: FlaskClient, shop: Shop
) -> None:
    page = screenshot(shop.picture(SHOE), shop.picture(MUG))
    answer = proposed(client, page)
    assert answer.status_code == 200, answer.text
    regions = answer.json["regions"]
    assert all(0 <= region["score"] <= 1 for region in regions)
    found = set()
    for region in regions:
        assert region["crop"] == ",".join(f"{edge:g}" for edge in region["box"])
        fields = {"crop": region["crop"], "features": "embedding", "size": "1"}
        hits = client.post("/api/v1/search", **form(page, **fields)).json
        found.add(hits["hits"][0]["product"]["title"])  # type: ignore[index]
    assert {"White Plimsolls", "Mighty Mug"} <= found


def test_no_more_regions_than_asked(client: FlaskClient, shop: Shop) -> None:
    page = screenshot(shop.picture(SHOE), shop.picture(MUG))
    assert len(proposed(client, page, size="1").json["regions"]) == 1


@pytest.mark.parametrize(
    ("pictures", "fields", "status", "code"),
    [
        ([], {}, 422, "invalid_query"),
        ([b"no picture"], {}, 415, "unsupported_image"),
        ([b"x"], {"size": "0"}, 422, "invalid_query"),
        ([b"x"], {"crop": "0,0,1,1"}, 400, "unknown_name"),
    ],
    ids=["no picture", "no picture format", "no regions", "unknown parameter"],
)
def test_what_cannot_be_answered_says_why(
    client: FlaskClient, pictures: list[bytes], fields: dict[str, str], status: int, code: str
) -> None:
    answer = proposed(client, *pictures, **fields)
    assert (answer.status_code, answer.json["code"]) == (status, code)
