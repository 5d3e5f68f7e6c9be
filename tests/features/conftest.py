"""The real server, with an index of its own for every test."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from core.environment import Environment
from features.base import Feature, Picture
from features.embedding.feature import Embedding, create
from tests.support.engine import Engine
from tests.support.nested_index import NestedIndex
from tests.support.pictures import clothing


@pytest.fixture
def nested_index(engine: Engine) -> Iterator[Callable[[Feature], NestedIndex]]:
    """Return what makes an index for a feature; it is deleted after the test."""
    client = Elasticsearch(engine.url, basic_auth=(engine.user, engine.password))
    made = []

    def make(feature: Feature) -> NestedIndex:
        made.append(f"test-{feature.name}-{secrets.token_hex(6)}")
        return NestedIndex(client, made[-1], feature)

    yield make
    client.options(ignore_status=404).indices.delete(index=made)
    client.close()


@pytest.fixture(scope="module")
def embedding() -> Embedding:
    """Return the embedding as the settings have it."""
    return create(Environment.current())


@pytest.fixture(scope="module")
def clothes(shared_data: Path) -> list[Picture]:
    """Return 40 photos of clothes."""
    return clothing(shared_data, 40)
