"""A gateway to the real server, and an alias of its own for every test."""

import secrets
from collections.abc import Iterator

import pytest

from features.registry import Registry
from mappings.catalogue import Catalogue
from mappings.gateway import Gateway
from tests.engine import Engine
from tests.mappings.doubles import Arrow, Stamp


@pytest.fixture
def registry() -> Registry:
    return Registry([Arrow(), Stamp()])


@pytest.fixture
def gateway(engine: Engine) -> Iterator[Gateway]:
    gateway = Gateway(engine.url, basic_auth=(engine.user, engine.password))
    yield gateway
    gateway.close()


@pytest.fixture
def alias(gateway: Gateway) -> Iterator[str]:
    name = f"test-{secrets.token_hex(6)}"
    yield name
    for index in gateway.indices(f"{name}-*"):
        gateway.delete_index(index)


@pytest.fixture
def catalogue(gateway: Gateway, registry: Registry, alias: str) -> Catalogue:
    catalogue = Catalogue(gateway, registry, alias)
    catalogue.prepare()
    return catalogue
