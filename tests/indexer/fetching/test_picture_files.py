"""Pictures from files, within bounds."""

import os
from pathlib import Path

import pytest

from features.fetching.errors import AddressRefused, FetchFailed
from features.fetching.settings import FetchSettings
from features.imaging.errors import ImageTooLarge
from indexer.fetching.fetcher import Fetcher


@pytest.fixture
def files(tmp_path: Path) -> Fetcher:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "a b#1.jpg").write_bytes(b"picture")
    (tmp_path / "secret.jpg").write_bytes(b"secret")
    return Fetcher(tmp_path / "shop", FetchSettings(), 1000)


@pytest.mark.parametrize(
    "address", ["a b#1.jpg", "./a b#1.jpg", "a%20b%231.jpg", "a%20b%231.jpg?v=2"]
)
def test_relative_path_starts_at_the_feed(files: Fetcher, address: str) -> None:
    assert files.fetch(address) == b"picture"


def test_absolute_path_and_file_address_are_read(files: Fetcher, tmp_path: Path) -> None:
    path = tmp_path / "shop" / "a b#1.jpg"
    assert files.fetch(str(path)) == b"picture"
    assert files.fetch(f"file://{path.parent}/a%20b%231.jpg") == b"picture"
    assert files.fetch(f"file:{path.parent}/a%20b%231.jpg") == b"picture"


@pytest.mark.parametrize(
    "address",
    [
        "../secret.jpg",
        "x/../../secret.jpg",
        "%2e%2e/secret.jpg",
        "..%2Fsecret.jpg",
        "file://other/etc/x",
        "ftp://h/x",
        "a\0b",
    ],
)
def test_address_that_leads_elsewhere_is_refused(files: Fetcher, address: str) -> None:
    with pytest.raises(AddressRefused):
        files.fetch(address)


def test_web_is_off_by_default(files: Fetcher) -> None:
    with pytest.raises(AddressRefused, match="--allow-http"):
        files.fetch("https://shop.example/a.jpg")


def test_what_is_no_readable_file_fails(files: Fetcher, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "shop" / "pipe.jpg")
    for address in ("none.jpg", "pipe.jpg", ".", "x" * 5000):
        with pytest.raises(FetchFailed):
            files.fetch(address)


def test_file_over_the_limit_is_too_large(files: Fetcher, tmp_path: Path) -> None:
    (tmp_path / "shop" / "big.jpg").write_bytes(b"x" * 1001)
    with pytest.raises(ImageTooLarge):
        files.fetch("big.jpg")


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("images/a.jpg", "images/a.jpg"),
        ("/home/someone/private/a.jpg", "a.jpg"),
        ("https://shop.example/a.jpg", "https://shop.example/a.jpg"),
    ],
)
def test_label_tells_nothing_of_this_machine(files: Fetcher, address: str, label: str) -> None:
    assert files.label(address) == label
