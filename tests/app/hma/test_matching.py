"""Signals in, matches out, in the shapes of Hasher-Matcher-Actioner's OpenAPI description."""

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.support.shop import Shop
from tests.support.uploads import form

BOOK = "saleor-headless-omnichannel-book.png"
BEANIE = "saleor-beanie-1.png"
HASH = "facd8bcb2a49bcebdec1985298d5fe84bcd006c187c598c720c3c087b3fdb318"
NEAR = "facd8bcb2a49bcebdec1985228d5ae84bcd006c187c598c720c2b087b3fdb318"


def photo(data: bytes) -> dict[str, Any]:
    sent = form(data)
    return {**sent, "data": sent["data"].replace(b'name="image"', b'name="photo"')}


def cropped(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as source:
        image = source.convert("RGB")
        width, height = image.size
        out = io.BytesIO()
        image.crop((width // 8, height // 8, width, height)).save(out, "JPEG", quality=80)
    return out.getvalue()


@pytest.fixture(scope="module")
def bank(hma: FlaskClient, shop: Shop) -> int:
    """Create a bank with the book in it; return the book's content id."""
    assert hma.post("/hma/c/banks", json={"name": "BOOKS"}).status_code == 201
    added = hma.post("/hma/c/bank/BOOKS/content", **photo(shop.picture(BOOK)))
    assert added.status_code == 200, added.json
    assert set(added.json["signals"]) == {"pdq", "sha256", "same_photo"}
    return int(added.json["id"])


def test_hash_is_one_text_by_signal_type(hma: FlaskClient, shop: Shop) -> None:
    signals = hma.post("/hma/h/hash", **photo(shop.picture(BOOK))).json
    assert signals is not None
    assert set(signals) == {"pdq", "sha256", "same_photo"}
    assert all(len(signal) == 64 and int(signal, 16) for signal in signals.values())
    limited = hma.post("/hma/h/hash?types=sha256", **photo(shop.picture(BOOK))).json
    assert limited == {"sha256": signals["sha256"]}


def test_lookup_of_a_signal_answers_by_bank(hma: FlaskClient, shop: Shop, bank: int) -> None:
    signals = hma.post("/hma/h/hash", **photo(shop.picture(BOOK))).json
    assert signals is not None
    distances = {"pdq": "0", "sha256": "match", "same_photo": "0.0000"}
    for kind, signal in signals.items():
        asked = {"signal": signal, "signal_type": kind}
        answer = hma.get("/hma/m/lookup", query_string=asked).json
        assert answer == {"BOOKS": [{"bank_content_id": bank, "distance": distances[kind]}]}
        raw = hma.get("/hma/m/raw_lookup", query_string=asked).json
        assert raw == {"matches": [bank]}
        far = hma.get("/hma/m/raw_lookup", query_string={**asked, "include_distance": "true"}).json
        assert far == {"matches": answer["BOOKS"]}
        assert hma.get("/hma/m/lookup", query_string={**asked, "banks": "BLOCKED"}).json == {}


def test_edited_copy_is_found_by_same_photo(hma: FlaskClient, shop: Shop, bank: int) -> None:
    answer = hma.post("/hma/m/lookup", **photo(cropped(shop.picture(BOOK)))).json
    assert answer is not None
    assert answer["sha256"] == {}
    (match,) = answer["same_photo"]["BOOKS"]
    assert match["bank_content_id"] == bank
    assert 0 <= float(match["distance"]) <= 0.2


def test_other_pictures_match_nothing(hma: FlaskClient, shop: Shop, bank: int) -> None:
    answer = hma.post("/hma/m/lookup", **photo(shop.picture(BEANIE))).json
    assert answer == {"pdq": {}, "sha256": {}, "same_photo": {}}


def test_comparison_has_a_distance(hma: FlaskClient, shop: Shop, bank: int) -> None:
    answer = hma.post("/hma/m/compare", json={"pdq": [HASH, NEAR]}).json
    assert answer == {"pdq": [True, {"distance": 9}]}
    file, other = (
        hma.post("/hma/h/hash", **photo(shop.picture(name))).json["sha256"]  # type: ignore[index]
        for name in (BOOK, BEANIE)
    )
    answer = hma.post(
        "/hma/m/compare", json={"sha256": [file, other], "same_photo": [file, other]}
    ).json
    assert answer is not None
    assert answer["sha256"] == [False, {"distance": 1}]
    assert answer["same_photo"][0] is False
    same = hma.post("/hma/m/compare", json={"same_photo": [file, file]}).json
    assert same == {"same_photo": [True, {"distance": 0}]}


def test_bank_that_is_disabled_answers_no_lookup(hma: FlaskClient) -> None:
    hma.post("/hma/c/banks", json={"name": "SLEEPING", "enabled": False})
    added = hma.post("/hma/c/bank/SLEEPING/signal", json={"pdq": HASH}).json
    assert added is not None
    asked = {"signal": NEAR, "signal_type": "pdq"}
    assert hma.get("/hma/m/lookup", query_string=asked).json == {}
    assert hma.get("/hma/m/raw_lookup", query_string=asked).json == {"matches": [added["id"]]}
    hma.put("/hma/c/bank/SLEEPING", json={"enabled_ratio": 0.5})
    answers = [
        bool(hma.get("/hma/m/lookup", query_string={**asked, "seed": str(seed)}).json)
        for seed in range(40)
    ]
    assert 8 <= sum(answers) <= 32
    again = [
        bool(hma.get("/hma/m/lookup", query_string={**asked, "seed": str(seed)}).json)
        for seed in range(40)
    ]
    assert again == answers


def test_entry_can_be_disabled_and_removed(hma: FlaskClient) -> None:
    hma.post("/hma/c/banks", json={"name": "ENTRIES"})
    signal = "0f" * 32
    added = hma.post("/hma/c/bank/ENTRIES/signal", json={"sha256": signal}).json
    assert added is not None
    path = f"/hma/c/bank/ENTRIES/content/{added['id']}"
    asked = {"signal": signal, "signal_type": "sha256"}
    shown = hma.get(f"{path}?include_signals=true").json
    assert shown is not None
    assert shown["signals"] == {"sha256": signal}
    assert (shown["id"], shown["enabled"]) == (added["id"], True)
    assert shown["bank"]["name"] == "ENTRIES"
    disabled = hma.put(path, json={"disable_until_ts": 0}).json
    assert disabled is not None
    assert disabled["enabled"] is False
    assert hma.get("/hma/m/lookup", query_string=asked).json == {}
    hma.put(path, json={"disable_until_ts": 1})
    assert list(hma.get("/hma/m/lookup", query_string=asked).json or {}) == ["ENTRIES"]
    assert hma.delete(path).json == {"deleted": 1}
    assert hma.get("/hma/m/lookup", query_string=asked).json == {}
    assert hma.get(path).status_code == 404


def test_index_status_counts_signals(hma: FlaskClient, bank: int) -> None:
    status = hma.get("/hma/m/index/status").json
    assert status is not None
    assert set(status) == {"pdq", "sha256", "same_photo"}
    assert status["same_photo"]["size"] >= 1
    assert status["same_photo"]["present"] is True
    assert status["same_photo"]["built_to"] > 1_700_000_000
    index = hma.get("/hma/c/signal_type/index").json
    assert index is not None
    assert index["pdq"]["db_size"] == index["pdq"]["index_size"] >= 1
