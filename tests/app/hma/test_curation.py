"""Banks, lists, access and bad input of the hash-matching interface."""

import io

import pytest
from flask.testing import FlaskClient

from app.hma.settings import HmaSettings
from app.services import current_services
from app.trust.banks.entry import EntryDetails
from app.trust.desk.decision_log import LogFilter
from core.environment import Environment
from core.errors import InvalidSetting
from tests.app.hma.test_matching import BOOK, HASH, photo
from tests.support.shop import Shop


def test_banks_are_created_listed_and_deleted(hma: FlaskClient) -> None:
    before = [bank["name"] for bank in hma.get("/hma/c/banks").json or []]
    assert {"ALLOWED", "BLOCKED"} <= set(before)
    created = hma.post("/hma/c/banks", json={"name": "NEW_1", "enabled_ratio": 0.25})
    assert (created.status_code, created.json) == (
        201,
        {"name": "NEW_1", "matching_enabled_ratio": 0.25, "enabled": True},
    )
    assert hma.get("/hma/c/bank/NEW_1").json == created.json
    assert hma.post("/hma/c/banks", json={"name": "NEW_1"}).status_code == 403
    hma.post("/hma/c/bank/NEW_1/signal", json={"pdq": HASH})
    assert hma.delete("/hma/c/bank/NEW_1").json == {"message": "Done"}
    assert hma.get("/hma/c/bank/NEW_1").status_code == 404
    asked = {"signal": HASH, "signal_type": "pdq", "banks": "NEW_1"}
    assert hma.get("/hma/m/raw_lookup", query_string=asked).json == {"matches": []}


def test_same_signals_again_change_nothing(hma: FlaskClient) -> None:
    hma.post("/hma/c/banks", json={"name": "TWICE"})
    first, again = (
        hma.post("/hma/c/bank/TWICE/signal", json={"pdq": "3c" * 32}).json for _ in range(2)
    )
    assert first == again
    with hma.application.app_context():
        log = "".join(current_services().desk.log_csv(LogFilter()))
    assert log.count("bank:blocked.TWICE-") == 1


def test_list_imported_at_the_desk_is_an_exchange(hma: FlaskClient) -> None:
    with hma.application.app_context():
        current_services().banks.import_list(
            "blocked",
            io.BytesIO(b"hash,quality\n" + b"1e" * 32 + b",100\n" + b"2d" * 32 + b",90\nbad\n"),
            EntryDetails("from a partner", list="partner-2026"),
            "ada",
        )
    assert hma.get("/hma/c/exchanges/apis").json == ["local_file"]
    assert "partner-2026" in (hma.get("/hma/c/exchanges").json or [])
    status = hma.get("/hma/c/exchange/partner-2026/status").json
    assert status is not None
    assert status["fetched_items"] == {"pdq": 2}
    assert status["last_fetch_succeeded"] is True
    assert status["checkpoint_ts"] > 1_700_000_000
    assert hma.get("/hma/c/exchange/nobody").status_code == 404
    asked = {"signal": "1e" * 32, "signal_type": "pdq"}
    assert list(hma.get("/hma/m/lookup", query_string=asked).json or {}) == ["BLOCKED"]


def test_probes_need_no_token(hma: FlaskClient) -> None:
    for path in ("/hma/livez", "/hma/readyz", "/hma/status"):
        answer = hma.get(path, headers={"Authorization": ""})
        assert (answer.status_code, answer.text) == (200, "I-AM-ALIVE")


def test_wrong_token_is_refused(hma: FlaskClient) -> None:
    for token in ("", "Bearer", "Bearer wrong", "Bearer é"):
        answer = hma.get("/hma/c/banks", headers={"Authorization": token})
        assert answer.status_code == 401
        assert "LOOKALIKE_HMA_TOKEN" in (answer.json or {})["message"]


def test_without_a_token_pictures_are_matched_and_nothing_is_changed(
    open_hma: FlaskClient, shop: Shop
) -> None:
    assert open_hma.post("/hma/m/lookup", **photo(shop.picture(BOOK))).status_code == 200
    for answer in (
        open_hma.post("/hma/c/banks", json={"name": "A"}),
        open_hma.post("/hma/c/bank/BLOCKED/signal", json={"pdq": HASH}),
        open_hma.post("/hma/c/bank/BLOCKED/content", **photo(shop.picture(BOOK))),
        open_hma.delete("/hma/c/bank/BLOCKED/content/1"),
        open_hma.get("/hma/h/hash?url=https://example.com/a.jpg"),
    ):
        assert answer.status_code == 403
        assert "LOOKALIKE_HMA_TOKEN" in (answer.json or {})["message"]


@pytest.mark.parametrize(
    ("path", "status", "part"),
    [
        ("/hma/m/lookup?signal=ab&signal_type=md5", 400, "unknown signal type 'md5'"),
        ("/hma/m/lookup?signal=ab&signal_type=pdq", 400, "64 hexadecimal digits"),
        ("/hma/m/lookup?signal=ab", 400, "signal_type"),
        ("/hma/m/raw_lookup", 400, "signal"),
        (f"/hma/m/lookup?signal={'0' * 64}&signal_type=same_photo", 404, "send the file"),
        ("/hma/m/index/status?signal_type=md5", 400, "unknown signal type"),
        ("/hma/h/hash", 400, "url is required"),
        ("/hma/h/hash?url=http://127.0.0.1:9200/", 403, "127.0.0.1"),
        ("/hma/h/hash?url=file:///etc/passwd", 403, "http"),
        ("/hma/c/bank/NOBODY", 404, "NOBODY"),
        ("/hma/c/bank/BLOCKED/content/12", 404, "12"),
    ],
)
def test_bad_questions_are_answered_in_the_interfaces_shape(
    hma: FlaskClient, path: str, status: int, part: str
) -> None:
    answer = hma.get(path)
    assert answer.status_code == status, answer.text
    assert part in (answer.json or {})["message"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/hma/c/banks", {"name": "lower case"}),
        ("/hma/c/banks", {"name": "TOO_MUCH", "enabled_ratio": 2}),
        ("/hma/c/banks", []),
        ("/hma/c/bank/BLOCKED/signal", {}),
        ("/hma/c/bank/BLOCKED/signal", {"md5": "ab"}),
        ("/hma/c/bank/BLOCKED/signal", {"pdq": 5}),
        ("/hma/c/bank/BLOCKED/signal", {"same_photo": HASH}),
        ("/hma/m/compare", {"pdq": [HASH]}),
        ("/hma/m/compare", {"pdq": "x"}),
        ("/hma/m/compare", {"md5": [HASH, HASH]}),
    ],
)
def test_bad_bodies_are_refused(hma: FlaskClient, path: str, body: object) -> None:
    answer = hma.post(path, json=body)
    assert answer.status_code == 400, answer.text
    assert (answer.json or {})["message"]


def test_files_under_another_name_and_damaged_ones_are_refused(hma: FlaskClient) -> None:
    sent = photo(b"no picture")
    assert hma.post("/hma/h/hash", **sent).status_code == 415
    video = {**sent, "data": sent["data"].replace(b'name="photo"', b'name="video"')}
    answer = hma.post("/hma/h/hash", **video)
    assert (answer.status_code, "photo" in (answer.json or {})["message"]) == (400, True)


def test_short_token_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="16"):
        HmaSettings.from_env(Environment({"LOOKALIKE_HMA_TOKEN": "short"}))
