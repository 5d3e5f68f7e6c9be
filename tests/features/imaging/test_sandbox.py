"""The decoding sandbox: whatever happens to a child costs one picture."""

import hashlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from PIL import Image

from core.errors import Busy
from features.imaging.decode import FEED_LIMITS, decode
from features.imaging.errors import ImageTooLarge, UnreadableImage, UnsupportedImage
from features.imaging.sandbox import Sandbox

SOON_S = 20


def photo(colour: str = "red", size: tuple[int, int] = (300, 200)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG")
    return file.getvalue()


OTHERS = set[psutil.Process]()


@pytest.fixture(autouse=True)
def others() -> None:
    """Leave out the children of sandboxes that other tests keep for the session."""
    OTHERS.clear()
    OTHERS.update(children())


def children() -> list[psutil.Process]:
    found = []
    for process in psutil.Process().children():
        if process not in OTHERS and "features.imaging.sandbox_child" in " ".join(
            process.cmdline()
        ):
            found.append(process)
    return found


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(1, timeout_s=10) as made:
        yield made
    assert children() == []


def hung(sandbox: Sandbox, then: Callable[[psutil.Process], None]) -> BaseException:
    """Stop the child, send it a picture, do something to it, and return what comes of it."""
    sandbox.decode(photo())
    (child,) = children()
    child.suspend()
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(sandbox.decode, photo())
        time.sleep(0.2)
        then(child)
        error = waiting.exception(SOON_S)
    assert error is not None
    return error


def test_the_result_is_that_of_decoding_here(sandbox: Sandbox, shared_data: Path) -> None:
    for path in sorted((shared_data / "grocery" / "queries").glob("*.jpg"))[:5]:
        data = path.read_bytes()
        here, there = decode(data), sandbox.decode(data)
        assert there.pixels.tobytes() == here.pixels.tobytes()
        assert (there.width, there.height) == (here.width, here.height)
        assert there.sha256 == hashlib.sha256(data).hexdigest()
    assert len(children()) == 1


def test_a_long_page_arrives_with_its_detail(sandbox: Sandbox) -> None:
    file = io.BytesIO()
    Image.linear_gradient("L").resize((600, 6000)).convert("RGB").save(file, "PNG")
    here, there = decode(file.getvalue()), sandbox.decode(file.getvalue())
    assert here.detail is not None
    assert there.detail is not None
    assert there.detail.size == (480, 4800)
    assert there.detail.tobytes() == here.detail.tobytes()
    assert there.pixels.size == (128, 1280)
    assert there.pixels.tobytes() == here.pixels.tobytes()


def test_every_bad_picture_gets_the_same_answer(shared_data: Path) -> None:
    paths = sorted((shared_data / "bad_images" / "files").iterdir())
    with Sandbox(1, FEED_LIMITS) as sandbox:
        for path in paths:
            data = path.read_bytes()
            assert told(sandbox.decode, data) == told(
                lambda data: decode(data, FEED_LIMITS), data
            ), path
        assert len(children()) == 1


def told(act: Callable[[bytes], object], data: bytes) -> str:
    try:
        act(data)
    except (UnsupportedImage, UnreadableImage, ImageTooLarge) as error:
        return f"{type(error).__name__} {error}"
    return "picture"


@pytest.mark.parametrize("crash", [signal.SIGSEGV, signal.SIGKILL, signal.SIGABRT])
def test_a_crash_costs_only_its_picture(sandbox: Sandbox, crash: signal.Signals) -> None:
    def die(child: psutil.Process) -> None:
        child.send_signal(crash)
        child.resume()

    error = hung(sandbox, die)
    assert isinstance(error, UnreadableImage)
    assert "save it anew" in str(error)
    assert sandbox.decode(photo()).width == 300


def test_a_hang_ends_at_the_timeout() -> None:
    with Sandbox(1, timeout_s=0.6) as sandbox:
        started = time.monotonic()
        error = hung(sandbox, lambda child: None)
        assert isinstance(error, UnreadableImage)
        assert "0.6 s" in str(error)
        assert time.monotonic() - started < SOON_S
        assert sandbox.decode(photo()).width == 300
        assert len(children()) == 1


def test_a_large_upload_to_a_hung_child_ends_at_the_timeout() -> None:
    with Sandbox(1, timeout_s=0.6) as sandbox:
        sandbox.decode(photo())
        (child,) = children()
        child.suspend()
        with pytest.raises(UnreadableImage):
            sandbox.decode(photo() + bytes(8_000_000))


def test_a_memory_bomb_costs_only_its_picture() -> None:
    file = io.BytesIO()
    Image.new("RGBA", (6000, 6000)).save(file, "PNG")
    with Sandbox(1, memory_bytes=200_000_000) as sandbox:
        sandbox.decode(photo())
        (child,) = children()
        with pytest.raises(ImageTooLarge, match="memory"):
            sandbox.decode(file.getvalue())
        assert sandbox.decode(photo()).width == 300
        if child.is_running():
            assert child.memory_info().rss < 200_000_000


def test_pictures_at_the_public_limits_fit_the_memory() -> None:
    for format_, size, mode in (
        ("PNG", (8000, 5000), "RGBA"),
        ("WEBP", (4000, 4000), "RGBA"),
        ("GIF", (5000, 5000), "P"),
    ):
        file = io.BytesIO()
        Image.new(mode, size).save(file, format_, **({"lossless": True} if mode == "RGBA" else {}))
        with Sandbox(1, timeout_s=60) as sandbox:
            picture = sandbox.decode(file.getvalue())
        assert (picture.width, picture.height) == size


def test_the_parent_stays_small_with_a_large_picture(sandbox: Sandbox) -> None:
    data = photo(size=(8000, 8000))
    sandbox.decode(photo())
    before = psutil.Process().memory_info().rss
    picture = sandbox.decode(data)
    assert picture.pixels.size == (1280, 1280)
    assert psutil.Process().memory_info().rss - before < 64_000_000


def test_a_child_that_died_idle_costs_nothing(sandbox: Sandbox) -> None:
    sandbox.decode(photo())
    (child,) = children()
    child.kill()
    wait_until(lambda: child.status() == psutil.STATUS_ZOMBIE)
    assert sandbox.decode(photo()).width == 300


def test_too_many_at_once_are_told_to_come_back() -> None:
    with Sandbox(1, timeout_s=10, wait_s=0.1) as sandbox:
        sandbox.decode(photo())
        (child,) = children()
        child.suspend()
        with ThreadPoolExecutor(1) as thread:
            first = thread.submit(sandbox.decode, photo())
            time.sleep(0.1)
            with pytest.raises(Busy):
                sandbox.decode(photo())
            child.resume()
            assert first.result(SOON_S).width == 300


def test_threads_share_the_children() -> None:
    colours = ["red", "lime", "blue", "white"] * 10
    with Sandbox(2, wait_s=SOON_S) as sandbox, ThreadPoolExecutor(4) as threads:
        pictures = list(threads.map(lambda colour: sandbox.decode(photo(colour)), colours))
        assert len(children()) <= 2
    for colour, picture in zip(colours, pictures, strict=True):
        expected = decode(photo(colour)).pixels
        assert picture.pixels.tobytes() == expected.tobytes()


def test_nothing_is_started_for_what_is_no_picture() -> None:
    with Sandbox(1) as sandbox:
        with pytest.raises(UnsupportedImage):
            sandbox.decode(b"%PDF-1.7")
        assert children() == []


def test_a_child_has_few_rights_and_no_passwords(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELASTICSEARCH_PASSWORD", "swordfish")
    sandbox.decode(photo())
    (child,) = children()
    assert "ELASTICSEARCH_PASSWORD" not in child.environ()
    assert child.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert child.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert child.rlimit(psutil.RLIMIT_NOFILE)[1] <= 16
    assert child.rlimit(psutil.RLIMIT_AS)[1] <= 1_200_000_000
    loaded = child.memory_maps()
    assert not [library for library in loaded if "tensorflow" in library.path]
    assert not [library for library in loaded if "numpy" in library.path]


SERVER = """
import os, sys, time
from features.imaging.sandbox import Sandbox
sandbox = Sandbox(1)
data = open(sys.argv[1], "rb").read()
sandbox.decode(data)
if os.fork() == 0:
    ok = sandbox.decode(data).width == 300
    sandbox.close()
    os._exit(0 if ok else 1)
assert os.wait()[1] == 0
sandbox.decode(data)
print("ready", flush=True)
time.sleep(60)
"""


def test_forks_work_and_children_end_with_a_killed_parent(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(photo())
    command = [sys.executable, "-c", SERVER, str(tmp_path / "photo.jpg")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == "ready\n"
        (child,) = psutil.Process(server.pid).children()
        os.kill(server.pid, signal.SIGKILL)
        child.wait(SOON_S)


def test_refusals_name_their_reason(sandbox: Sandbox) -> None:
    with pytest.raises(UnreadableImage, match="JPEG file is broken"):
        sandbox.decode(photo()[:300])
