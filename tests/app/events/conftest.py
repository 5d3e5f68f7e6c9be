"""The real server, a plain index on it, and a server that is away."""

import socket
from collections.abc import Iterator
from uuid import uuid4

import pytest

from mappings.engine.gateway import Gateway
from mappings.events.event_documents import index_template
from tests.support.engine import Engine


@pytest.fixture
def gateway(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """The real server; the environment names it too, for the processes a test starts."""
    monkeypatch.setenv("ELASTICSEARCH_URL", engine.url)
    monkeypatch.setenv("ELASTICSEARCH_USER", engine.user)
    monkeypatch.setenv("ELASTICSEARCH_PASSWORD", engine.password)
    made = Gateway(engine.url, basic_auth=(engine.user, engine.password))
    yield made
    made.close()


@pytest.fixture
def index(gateway: Gateway) -> Iterator[str]:
    """A plain index with the stream's fields: the local node can create data streams, but has no
    API that deletes one."""
    name = f"lookalike-events-{uuid4().hex}"
    inner = index_template()["template"]
    gateway.create_index(name, inner["mappings"], {"index.number_of_replicas": 0})
    yield name
    gateway.delete_index(name)


@pytest.fixture
def absent() -> Iterator[Gateway]:
    """A server that is away: a port nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        yield Gateway(url, pause=lambda seconds: None)
