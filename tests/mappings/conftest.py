"""Two small features and a catalogue of theirs."""

import pytest

from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway
from tests.support.plain_features import Arrow, Stamp


@pytest.fixture
def registry() -> Registry:
    return Registry([Arrow(), Stamp()])


@pytest.fixture
def catalogue(gateway: Gateway, registry: Registry, alias: str) -> Catalogue:
    catalogue = Catalogue(gateway, registry, alias)
    catalogue.prepare()
    return catalogue
