"""Broken, huge and disguised pictures through the upload: one clear problem each, never a 500."""

import csv
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.support.uploads import form


def test_every_bad_picture_is_answered_with_what_to_do(
    client: FlaskClient, shared_data: Path
) -> None:
    folder = shared_data / "bad_images"
    with (folder / "bad_images_dev.csv").open(encoding="utf-8") as listed:
        files = [row["file"] for row in csv.DictReader(listed)]
    assert len(files) > 50
    wrong = []
    for name in files:
        started = time.monotonic()
        answer = client.post("/api/v1/search", **form((folder / name).read_bytes()))
        if answer.status_code not in (200, 413, 415, 422) or time.monotonic() - started > 6:
            wrong.append((name, answer.status_code, time.monotonic() - started))
        if answer.status_code != 200:
            assert answer.json is not None
            assert len(answer.json["detail"]) > 20, name
    assert wrong == []


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "unreadable_image"),
        (b"not a picture", 415, "unsupported_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_image"),
        (b"%PDF-1.7", 415, "unsupported_image"),
        (b"\xff\xd8\xff\xe0" + bytes(100), 422, "unreadable_image"),
        (b"\xff\xd8\xff" + bytes(17_000_000), 413, "image_too_large"),
    ],
)
def test_kinds_of_bad_upload(client: FlaskClient, data: bytes, status: int, code: str) -> None:
    answer = client.post("/api/v1/search", **form(data))
    assert (answer.status_code, answer.json["code"]) == (status, code)  # type: ignore[index]


def test_too_many_pictures_are_refused(client: FlaskClient) -> None:
    answer = client.post("/api/v1/search", **form(*[b"x"] * 6))
    assert answer.status_code == 422
    assert "at most 5 pictures" in answer.json["detail"]  # type: ignore[index]


def test_request_over_the_limit_is_a_problem_too(client: FlaskClient) -> None:
    answer = client.post("/api/v1/search", **form(bytes(41 * 1024 * 1024)))
    assert (answer.status_code, answer.content_type) == (413, "application/problem+json")
