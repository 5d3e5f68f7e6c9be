"""Pages and their files travel compressed, and nothing that a program or a secret depends on."""

import gzip

import brotli
import pytest
from flask.testing import FlaskClient

GZIP = {"Accept-Encoding": "gzip"}
DECOMPRESS = {"gzip": gzip.decompress, "br": brotli.decompress}


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0.5, gzip;q=0.8", "gzip"), ("*", "br")],
)
@pytest.mark.parametrize(
    "path", ["/", "/search?q=saleor", "/static/js/shop.js", "/static/shop.css"]
)
def test_pages_and_their_files_are_compressed(
    client: FlaskClient, path: str, accepted: str, encoding: str
) -> None:
    plain = client.get(path, buffered=True)
    small = client.get(path, headers={"Accept-Encoding": accepted})
    assert small.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Content-Encoding" not in plain.headers
    assert len(small.data) < len(plain.data) / 2
    assert small.headers["Content-Length"] == str(len(small.data))
    text = DECOMPRESS[encoding](small.data).decode()
    assert "lookalike" in text or "import" in text or ":root" in text


@pytest.mark.parametrize("accepted", ["identity", "br;q=0, gzip;q=0", "zstd"])
def test_who_takes_neither_gets_it_plain(client: FlaskClient, accepted: str) -> None:
    answer = client.get("/", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert "lookalike" in answer.text


def test_a_file_that_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    first = client.get("/static/shop.css", headers=GZIP)
    known = {**GZIP, "If-None-Match": first.headers["ETag"]}
    again = client.get("/static/shop.css", headers=known, buffered=True)
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("path", ["/api/v1/products/saleor-127", "/trust/sign-in", "/openapi.json"])
def test_programs_and_secrets_are_left_alone(client: FlaskClient, path: str) -> None:
    assert "Content-Encoding" not in client.get(path, headers=GZIP).headers
