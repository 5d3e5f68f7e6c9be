"""Pages and their files travel compressed, and nothing that a program or a secret depends on."""

import gzip

import pytest
from flask.testing import FlaskClient

GZIP = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize(
    "path", ["/", "/search?q=saleor", "/static/js/shop.js", "/static/shop.css"]
)
def test_pages_and_their_files_are_compressed(client: FlaskClient, path: str) -> None:
    plain, small = client.get(path, buffered=True), client.get(path, headers=GZIP)
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Content-Encoding" not in plain.headers
    assert len(small.data) < len(plain.data) / 2
    assert small.headers["Content-Length"] == str(len(small.data))
    text = gzip.decompress(small.data).decode()
    assert "lookalike" in text or "import" in text or ":root" in text


def test_a_file_that_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/static/shop.css", headers=GZIP)
    known = {**GZIP, "If-None-Match": first.headers["ETag"]}
    again = client.get("/static/shop.css", headers=known, buffered=True)
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["/api/v1/products/saleor-127", "/trust/sign-in", "/openapi.json"])
def test_programs_and_secrets_are_left_alone(client: FlaskClient, path: str) -> None:
    assert "Content-Encoding" not in client.get(path, headers=GZIP).headers
