"""`flask duplicates`, as people and `make run` start it, on real pictures."""

import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from app.trust.desk.case import Case
from core.environment import Environment
from mappings.engine.gateway import Gateway
from mappings.trust.desk import DeskIndex

QUICK = "checksum,embedding,pdq,phash"


class Shop:
    """A feed of clothing photos, some of them copies, and what is found in it."""

    def __init__(self, environment: Environment, folder: Path, photos: list[Path]) -> None:
        self.environment = Environment({**environment.values, "LOOKALIKE_FEATURES": QUICK})
        self.folder = folder
        self.photos = photos

    def load(self, **pictures: bytes) -> None:
        """Load a product for each picture."""
        lines = []
        for key, data in pictures.items():
            (self.folder / f"{key}.jpg").write_bytes(data)
            lines.append(json.dumps({"id": key, "title": key, "image_link": f"{key}.jpg"}))
        (self.folder / "feed.jsonl").write_text("\n".join(lines))
        command = [sys.executable, "-m", "indexer", "load", "feed.jsonl"]
        subprocess.run(command, env=self.values(), cwd=self.folder, check=True, timeout=120)

    def values(self) -> dict[str, str]:
        """Return the variables a program of ours gets."""
        return dict(self.environment.values)

    def duplicates(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `flask duplicates …` to its end."""
        return subprocess.run(
            [*COMMAND, *words],
            env=self.values(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def cases(self, gateway: Gateway) -> list[Case]:
        """Return all cases."""
        index = DeskIndex(gateway, self.environment.text("LOOKALIKE_DESK_INDEX"))
        index.prepare()
        index.cases.refresh()
        return [Case.from_json(one.source) for one in index.cases.scan({"sort": [{"id": "asc"}]})]


COMMAND = [sys.executable, "-m", "flask", "--app", "app.wsgi", "duplicates"]


@pytest.fixture
def shop(environment: Environment, shared_data: Path, tmp_path: Path) -> Shop:
    photos = sorted((shared_data / "clothing").rglob("*.jpg"))
    return Shop(environment, tmp_path, photos[:: len(photos) // 8])


def turned_over(photo: Path) -> bytes:
    """Return the photo mirrored, without its edges, saved again."""
    with Image.open(photo) as opened:
        image = ImageOps.mirror(ImageOps.exif_transpose(opened).convert("RGB"))
    across, down = image.size
    file = io.BytesIO()
    image.crop((across // 12, down // 12, across, down)).save(file, "JPEG", quality=80)
    return file.getvalue()


def compressed(photo: Path, quality: int) -> bytes:
    file = io.BytesIO()
    with Image.open(photo) as opened:
        opened.convert("RGB").save(file, "JPEG", quality=quality)
    return file.getvalue()


def test_sweep_finds_copies_and_says_what_it_did(shop: Shop, gateway: Gateway) -> None:
    a, b, c = (photo.read_bytes() for photo in shop.photos[:3])
    shop.load(a=a, a_again=a, a_turned=turned_over(shop.photos[0]), b=b, c=c)
    done = shop.duplicates("sweep")
    assert done.returncode == 0, done.stderr
    assert "4 different pictures" in done.stdout
    assert "1 cases opened" in done.stdout
    (case,) = shop.cases(gateway)
    assert case.queue == "same_file"
    products = {m.picture.product_id for m in case.members} | {case.representative.product_id}
    assert products == {"a", "a_again", "a_turned"}

    again = shop.duplicates("sweep")
    assert "0 cases opened, 0 grew, 1 unchanged" in again.stdout
    told = shop.duplicates("status").stdout
    assert "same_file     1 open, 0 in review" in told
    assert "4 pictures, 0 skipped" in told


def test_picture_whose_thumbnail_is_gone_or_broken_is_named_and_ends_with_1(shop: Shop) -> None:
    a, b, c = (photo.read_bytes() for photo in shop.photos[:3])
    shop.load(a=a, b=b, c=c)
    gone, broken, _ = (shop.environment.state_dir() / "media").rglob("*.jpg")
    gone.unlink()
    broken.write_bytes(broken.read_bytes()[:700])
    done = shop.duplicates("sweep")
    assert done.returncode == 1
    assert done.stderr.count("its thumbnail is missing or broken") == 2
    assert "2 skipped" in done.stdout


def test_sweep_that_cannot_run_is_one_line_and_ends_with_2(shop: Shop) -> None:
    done = shop.duplicates("sweep")
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert "there is no index" in line
    assert "Traceback" not in done.stderr
    wrong = shop.duplicates("sweep", "--since", "yesterday")
    assert (wrong.returncode, "--since 'yesterday'" in wrong.stderr) == (2, True)


@contextmanager
def following(shop: Shop) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*COMMAND, "follow", "--every", "0.5"],
        env=shop.values(),
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_follower_opens_a_case_for_what_is_loaded_meanwhile_and_ends_when_told(
    shop: Shop, gateway: Gateway
) -> None:
    a, b = (photo.read_bytes() for photo in shop.photos[:2])
    shop.load(a=a, b=b)
    with following(shop) as process:
        assert process.stderr is not None
        assert any("whole catalogue" in line for line in process.stderr)
        second = shop.duplicates("follow")
        assert (second.returncode, "already running" in second.stderr) == (2, True)
        shop.load(a_turned=turned_over(shop.photos[0]))
        assert any("1 cases opened" in line for line in process.stderr)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    (case,) = shop.cases(gateway)
    assert {m.picture.product_id for m in case.members} == {"a_turned"}
    assert case.queue == "same_photo"


def test_sweep_told_to_end_says_how_to_go_on(shop: Shop) -> None:
    # Enough pictures that the sweep is still at work when the signal comes.
    qualities = range(40, 95, 5)
    shop.load(
        **{
            f"p{n}-{quality}": compressed(photo, quality)
            for n, photo in enumerate(shop.photos)
            for quality in qualities
        }
    )
    with subprocess.Popen(
        [*COMMAND, "sweep"], env=shop.values(), stderr=subprocess.PIPE, text=True
    ) as process:
        folder = shop.environment.state_dir() / "sweeps"
        until = time.monotonic() + 60
        while not (folder / "state.json").exists() and time.monotonic() < until:
            time.sleep(0.01)
        # Not SIGINT, which a shell lets its background jobs ignore, and these tests may be one.
        process.send_signal(signal.SIGTERM)
        assert process.stderr is not None
        said = process.stderr.read()
        assert process.wait(30) == 130
    assert "interrupted; the same command goes on from here" in said
    assert shop.duplicates("sweep").returncode == 0
