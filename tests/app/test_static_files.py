"""Static files have a digest in their addresses, and browsers store them for a year."""

import re
from pathlib import Path

from flask.testing import FlaskClient

from app.http.static_files import fingerprint


def addresses(page: str) -> set[str]:
    return set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))


def test_pages_name_files_by_an_address_that_is_stored_for_a_year(client: FlaskClient) -> None:
    found = addresses(client.get("/").text)
    assert len(found) > 5
    for address in found:
        assert re.match(r"/static/[0-9a-f]{16}/", address)
        answer = client.get(address, buffered=True)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_modules_find_each_other_under_the_same_digest(client: FlaskClient) -> None:
    (shop,) = [one for one in addresses(client.get("/").text) if one.endswith("shop.js")]
    script = client.get(shop, buffered=True).text
    for name in re.findall(r'from "\./([^"]+)"', script):
        other = client.get(f"{shop.rpartition('/')[0]}/{name}", buffered=True)
        assert "immutable" in other.headers["Cache-Control"]


def test_plain_and_former_addresses_answer_and_are_asked_again(client: FlaskClient) -> None:
    for address in ("/static/shop.css", "/static/0123456789abcdef/shop.css"):
        answer = client.get(address, buffered=True)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-cache"
    assert client.get("/static/0123456789abcdef/none.css").status_code == 404


def test_digest_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "a.js").write_text("1")
    first = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == first
    (tmp_path / "js" / "a.js").write_text("2")
    second = fingerprint(tmp_path)
    (tmp_path / "js" / "a.js").rename(tmp_path / "js" / "b.js")
    assert len({first, second, fingerprint(tmp_path)}) == 3
