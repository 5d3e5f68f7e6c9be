"""From a feed to a served shop and back to nothing, in one command."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.environment import Environment
from ops import ports
from ops.server import Server


def free_port() -> int:
    """Return a port nobody has; unlikely to be taken within the test."""
    return next(port for port in range(18_000, 19_000) if ports.is_free(port))


@pytest.fixture
def feed(shared_data: Path, tmp_path: Path) -> Path:
    picture = next((shared_data / "clothing").rglob("*.jpg"))
    path = tmp_path / "feed.csv"
    path.write_text(f"id,title,image_link,price\nshirt-1,A red shirt,{picture},15.00 USD\n")
    return path


@contextmanager
def running(environment: Environment) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "ops", "run"],
        env=dict(environment.values),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            # Killed at once, it would leave its web server behind.
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


def lines_until(process: subprocess.Popen[str], sign: str) -> list[str]:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line.rstrip())
        if sign in line:
            return said
    raise AssertionError("it ended without a word of it:\n" + "\n".join(said))


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_feed_is_served_until_we_are_told_to_stop(
    environment: Environment, feed: Path, tmp_path: Path, ending: signal.Signals
) -> None:
    port = free_port()
    settings = {"PORT": str(port), "FEED": str(feed), "LOOKALIKE_WORKERS": "1"}
    with running(Environment({**environment.values, **settings})) as process:
        lines_until(process, f"lookalike is at http://localhost:{port}")
        site = Server(f"http://127.0.0.1:{port}")
        assert site.request("GET", "/readyz").status == 200
        assert site.request("GET", "/api/v1/products/shirt-1").status == 200
        process.send_signal(ending)
        assert process.wait(30) == 0
    assert ports.is_free(port)


def test_export_of_a_shop_system_is_served_by_its_address_alone(
    environment: Environment,
) -> None:
    port, export = free_port(), Path(__file__).parents[1] / "exports" / "woocommerce.csv"
    settings = {"PORT": str(port), "FEED": str(export), "LOOKALIKE_WORKERS": "1"}
    with running(Environment({**environment.values, **settings})) as process:
        said = lines_until(process, "everything is loaded")
        assert any("read as woocommerce: encoding ASCII" in line for line in said)
        site = Server(f"http://127.0.0.1:{port}")
        red = site.request("GET", "/api/v1/products/32").body["product"]
        assert (red["price"], red["regular_price"], red["item_group_id"]) == (19.0, 25.0, "31")
        found = site.request("GET", "/api/v1/search?q=lamp").body["hits"]
        assert found[0]["id"] == "34"


@pytest.fixture
def long_feed(shared_data: Path, tmp_path: Path) -> Path:
    """A feed of shirts, some with words on them, that takes a while to load."""
    pictures = sorted((shared_data / "clothing").rglob("*.jpg"))[:40]
    path = tmp_path / "long.csv"
    rows = [f"shirt-{n},Shirt {n},{picture}" for n, picture in enumerate(pictures)]
    path.write_text("\n".join(["id,title,image_link", *rows]) + "\n")
    return path


def test_first_search_is_answered_while_the_rest_is_loaded(
    environment: Environment, long_feed: Path
) -> None:
    port = free_port()
    settings = {
        "PORT": str(port),
        "FEED": str(long_feed),
        "LOOKALIKE_WORKERS": "1",
        "LOOKALIKE_LOAD_BATCH": "1",
        "LOOKALIKE_LOAD_WORKERS": "1",
        "LOOKALIKE_LOAD_SLOW_WORKERS": "1",
    }
    with running(Environment({**environment.values, **settings})) as process:
        lines = lines_until(process, "lookalike is at")
        assert lines[-1].endswith("products; the others follow")
        site = Server(f"http://127.0.0.1:{port}")
        first = site.request("GET", "/api/v1/search?size=50").body
        assert site.request("GET", "/api/v1/loading").body["loading"]
        assert first["total"] > 0
        # The first pass may be through by now; the text in the pictures is not.
        assert first["total"] < 40 or any(hit["pending"] for hit in first["hits"])
        lines_until(process, "everything is loaded")
        assert not site.request("GET", "/api/v1/loading").body["loading"]
        found = site.request("GET", "/api/v1/search?size=50").body
        assert found["total"] == 40
        assert all(hit["pending"] == [] for hit in found["hits"])


def test_unfinished_load_continues_with_the_next_run(
    environment: Environment, long_feed: Path
) -> None:
    port = free_port()
    settings = {"PORT": str(port), "LOOKALIKE_WORKERS": "1", "LOOKALIKE_LOAD_BATCH": "1"}
    with running(
        Environment({**environment.values, **settings, "FEED": str(long_feed)})
    ) as process:
        lines_until(process, "lookalike is at")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    with running(Environment({**environment.values, **settings})) as process:
        lines_until(process, "the last load was not finished: it continues")
        lines_until(process, "everything is loaded")
        site = Server(f"http://127.0.0.1:{port}")
        assert site.request("GET", "/api/v1/search").body["total"] == 40


def test_feed_that_is_not_there_ends_the_run_with_one_clear_line(
    environment: Environment, tmp_path: Path
) -> None:
    settings = {"PORT": str(free_port()), "FEED": str(tmp_path / "no-such-feed.csv")}
    with running(Environment({**environment.values, **settings})) as process:
        said = lines_until(process, "error: the feed could not be loaded (exit code 2)")
        assert process.wait(30) == 2
    assert any("no-such-feed.csv" in line for line in said)
    assert not any("Traceback" in line for line in said)
