"""The banks' pages and commands, as people use them."""

import io
import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.settings import AppSettings
from tests.support.reviewing import signed_in
from tests.support.shop import Shop

WHY = {"reason": "fraud <b>seen</b>", "holder": "Brand Ltd"}
LISTING = "saleor-126"


@pytest.fixture(scope="module")
def app(shop: Shop) -> Iterator[APIFlask]:
    settings = AppSettings.from_env(shop.environment)
    desk = replace(settings.desk, index=f"{settings.engine.index}-{secrets.token_hex(4)}")
    with shop.app(desk=desk) as app:
        yield app


@pytest.fixture
def admin(app: APIFlask) -> FlaskClient:
    return signed_in(app, "ada", "admin")


def sent(client: FlaskClient, path: str, field: str, data: bytes, **fields: str) -> TestResponse:
    """Send a form with one file."""
    file = FileStorage(io.BytesIO(data), "file", field)
    boundary, body = encode_multipart({**fields, field: file})
    return client.post(path, data=body, content_type=f'multipart/form-data; boundary="{boundary}"')


def text(answer: TestResponse, status: int = 200) -> str:
    assert answer.status_code == status
    return unescape(answer.get_data(as_text=True))


def photo(shared_data: Path, number: int) -> bytes:
    return sorted((shared_data / "clothing").rglob("*.jpg"))[number].read_bytes()


def test_picture_goes_in_is_shown_and_comes_out(admin: FlaskClient, shared_data: Path) -> None:
    done = sent(admin, "/trust/banks", "image", photo(shared_data, 0), bank="allowed", **WHY)
    assert done.location == "/trust/banks?bank=allowed&banked=added"
    raw = admin.get(done.location).get_data(as_text=True)
    assert "fraud &lt;b&gt;seen&lt;/b&gt;" in raw
    assert "The picture is now in the bank" in raw
    (image,) = re.findall(r'<img src="([^"]+)" alt="Bank entry', raw)
    shown = admin.get(image)
    shown.close()
    assert shown.content_type == "image/jpeg"
    again = sent(admin, "/trust/banks", "image", photo(shared_data, 0), bank="allowed", **WHY)
    assert again.location == "/trust/banks?bank=allowed&banked=known"
    (link,) = re.findall(r'href="(/trust/banks/[^"]+/remove)"', raw)
    assert "Remove this from the bank?" in text(admin.get(link))
    gone = admin.post(link)
    assert gone.location == "/trust/banks?bank=allowed&banked=removed"
    assert "There are no entries yet" in text(admin.get(gone.location))
    assert admin.post(link).status_code == 404


def test_blocking_a_listings_picture_leads_to_the_case(app: APIFlask, admin: FlaskClient) -> None:
    images = app.test_client().get(f"/api/v1/products/{LISTING}").json
    assert images is not None
    image_id = re.findall(r"[0-9a-f]{64}", str(images))[0]
    form = {"bank": "blocked", "product_id": LISTING, "image_id": image_id, **WHY}
    done = admin.post("/trust/banks", data=form)
    assert done.location.startswith("/trust/banks?bank=blocked&banked=added&listings=")
    html = text(admin.get(done.location))
    (case,) = re.findall(r'href="(/trust/cases/[^"]+)"', html)
    assert "Headless + Omnichannel in a pill" in text(admin.get(case))


def test_blocked_picture_finds_a_listing_that_shows_a_part_of_it(
    shop: Shop, admin: FlaskClient
) -> None:
    with Image.open(io.BytesIO(shop.picture("saleor-carrot-drink.png"))) as picture:
        whole = picture.convert("RGBA")
    white = Image.alpha_composite(Image.new("RGBA", whole.size, "white"), whole).convert("RGB")
    across, down = white.size
    # Bigger than the listing's own by a fifth on each side: no hash knows it.
    wider = Image.new("RGB", (across * 7 // 5, down * 7 // 5), (90, 120, 60))
    wider.paste(white, (across // 5, down // 5))
    file = io.BytesIO()
    wider.save(file, "JPEG", quality=85)
    done = sent(admin, "/trust/banks", "image", file.getvalue(), bank="blocked", **WHY)
    html = text(admin.get(done.location))
    (case,) = re.findall(r'href="(/trust/cases/[^"]+)"', html)
    assert "Carrot" in text(admin.get(case))


def test_reviewer_sees_the_banks_and_cannot_change_them(app: APIFlask) -> None:
    html = text(signed_in(app, "rika").get("/trust/banks"))
    assert "Only an admin may change the banks" in html
    assert 'enctype="multipart/form-data"' not in html


def test_list_goes_in_with_its_bad_lines_named_and_comes_out(admin: FlaskClient) -> None:
    lines = f"hash,quality\n{'7' * 64},99\nnonsense\n{'6' * 64},12\n"
    said = text(
        sent(admin, "/trust/banks/lists", "list_file", lines.encode(), bank="allowed", **WHY)
    )
    assert "<td>3</td><td>the hash must be 64 hexadecimal digits</td>" in said
    assert "<td>4</td><td>the quality must be 50 or more" in said
    given = admin.get("/trust/banks/allowed.csv")
    assert given.content_type == "text/csv; charset=utf-8"
    assert text(given) == f"hash,quality\n{'7' * 64},99\n"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/trust/banks?bank=nosuch", 400),
        ("/trust/banks?cursor=nonsense", 422),
        ("/trust/banks/nosuch.csv", 400),
        ("/trust/banks/nosuch/remove", 404),
    ],
)
def test_wrong_address_is_met_with_what_to_do(admin: FlaskClient, path: str, status: int) -> None:
    text(admin.get(path), status)


@pytest.mark.parametrize(
    ("data", "fields", "status"),
    [
        (b"", {"bank": "blocked", **WHY}, 422),
        (b"no picture", {"bank": "blocked", **WHY}, 415),
        (b"no picture", {"bank": "nosuch", **WHY}, 400),
        (b"no picture", {"bank": "blocked"}, 422),
    ],
)
def test_bad_form_is_met_with_what_to_do(
    admin: FlaskClient, data: bytes, fields: dict[str, str], status: int
) -> None:
    text(sent(admin, "/trust/banks", "image", data, **fields), status)


def test_pages_are_in_japanese_too(admin: FlaskClient) -> None:
    assert "画像バンク" in text(admin.get("/trust/banks?lang=ja"))
    admin.get("/trust/banks?lang=en")


def test_commands_take_and_give_lists(app: APIFlask, tmp_path: Path) -> None:
    run = app.test_cli_runner()
    path = tmp_path / "partner.csv"
    path.write_text(f"{'9' * 64},100\nbad\n")
    done = run.invoke(args=["banks", "import", "allowed", str(path)])
    assert (done.exit_code, done.stdout) == (1, "1 new, 0 already known, 1 left out\n")
    assert done.stderr == "line 2: the hash must be 64 hexadecimal digits\n"
    given = run.invoke(args=["banks", "export", "allowed"])
    assert f"{'9' * 64},100\n" in given.stdout
    path.write_text("x\n" * 2000)
    refused = run.invoke(args=["banks", "import", "allowed", str(path)])
    assert refused.exit_code == 2
    assert "not a list of PDQ hashes" in refused.stderr


def test_commands_make_and_end_accounts(app: APIFlask, tmp_path: Path) -> None:
    run, secret = app.test_cli_runner(), tmp_path / "password"
    secret.write_text("a long enough password\n")
    made = run.invoke(args=["reviewers", "add", "Kei", "--password-file", str(secret)])
    assert (made.exit_code, made.stdout) == (0, "kei can sign in as reviewer\n")
    assert "kei\treviewer\t" in run.invoke(args=["reviewers", "list"]).stdout
    secret.write_text("another long password")
    changed = run.invoke(args=["reviewers", "password", "kei", "--password-file", str(secret)])
    assert changed.exit_code == 0
    assert run.invoke(args=["reviewers", "remove", "kei"]).exit_code == 0
    gone = run.invoke(args=["reviewers", "remove", "kei"])
    assert (gone.exit_code, gone.stderr) == (2, "error: there is no reviewer 'kei'\n")
