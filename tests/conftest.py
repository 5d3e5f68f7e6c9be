"""What every test may ask for: the real pictures, a real Elasticsearch, settings that touch no one.

Nothing skips: what is missing fails with a sentence that says what to do.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.environment import Environment
from mappings.engine.gateway import Gateway
from ops.node import Node
from ops.server import Server
from tests.support import variant_shop as variant_shops
from tests.support import word_shop as word_shops
from tests.support.engine import Engine
from tests.support.loaded_feed import loaded_feed
from tests.support.own_index import own_index
from tests.support.shop import Shop, opened

BESIDE_THE_PROJECT = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of test pictures and feeds: LOOKALIKE_DATA, or ../shared/data."""
    folder = Path(os.environ.get("LOOKALIKE_DATA") or BESIDE_THE_PROJECT)
    if not (folder / "grocery").is_dir():
        pytest.fail(f"no test data at {folder}; set LOOKALIKE_DATA to the folder with grocery/")
    return folder


@pytest.fixture(scope="session")
def state_folder() -> Iterator[Path]:
    """A folder the node's account can enter, which pytest's own temporary ones are not."""
    folder = Path(tempfile.mkdtemp(prefix="lookalike-test-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def engine(state_folder: Path) -> Iterator[Engine]:
    """A real Elasticsearch with all rights: the given one, or a node of our own for this run."""
    given = Server.from_env(Environment.current())
    if given:
        if not given.password:
            pytest.fail("tests make users and keys: set ELASTICSEARCH_USER and _PASSWORD")
        yield Engine(given.url, given.user, given.password)
        return
    node = Node(node_environment(state_folder / "engine"))
    try:
        server = node.start(print)
        yield Engine(server.url, server.user, server.password)
    finally:
        node.stop(print)


def node_environment(state: Path, **settings: str) -> Environment:
    """Return settings for a small local node in `state`; the download is shared by all."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ELASTICSEARCH_", "LOOKALIKE_"))
    }
    if cache := os.environ.get("LOOKALIKE_CACHE_DIR"):
        ours["LOOKALIKE_CACHE_DIR"] = cache
    return Environment(
        {**ours, "LOOKALIKE_STATE_DIR": str(state), "LOOKALIKE_NODE_HEAP_MB": "512", **settings}
    )


@pytest.fixture
def environment(engine: Engine, tmp_path: Path) -> Iterator[Environment]:
    """Settings for the real server, with an index name and a state folder of the test's own."""
    with own_index(engine, node_environment(tmp_path / "state").values) as settings:
        yield settings


@pytest.fixture
def gateway(engine: Engine) -> Iterator[Gateway]:
    """A gateway to the real server."""
    gateway = Gateway(engine.url, basic_auth=(engine.user, engine.password))
    yield gateway
    gateway.close()


@pytest.fixture
def alias(gateway: Gateway) -> Iterator[str]:
    """An alias of the test's own, whose indices are deleted at the end."""
    name = f"test-{secrets.token_hex(6)}"
    yield name
    for index in gateway.indices(f"{name}-*"):
        gateway.delete_index(index)


@pytest.fixture(scope="session")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a dual encoder that knows a few colours: LOOKALIKE_CLIP_MODEL."""
    # Here, because ONNX takes a moment that most tests need not wait for.
    from tests.support import dual_encoder

    return dual_encoder.write(tmp_path_factory.mktemp("clip") / "model")


@pytest.fixture(scope="session")
def shop(engine: Engine, shared_data: Path, state_folder: Path) -> Iterator[Shop]:
    """A real feed in a real index, loaded once for all tests that only read it."""
    with opened(engine, shared_data, node_environment(state_folder)) as shop:
        yield shop


@pytest.fixture(scope="session")
def variant_shop(engine: Engine, state_folder: Path) -> Iterator[Shop]:
    """A small shop with variants of products and two currencies."""
    with loaded_feed(engine, node_environment(state_folder), variant_shops.write_feed) as shop:
        yield shop


@pytest.fixture(scope="session")
def word_shop(engine: Engine, state_folder: Path) -> Iterator[Shop]:
    """A small shop in two languages, to be searched and browsed by words."""
    with loaded_feed(engine, node_environment(state_folder), word_shops.write_feed) as shop:
        yield shop
