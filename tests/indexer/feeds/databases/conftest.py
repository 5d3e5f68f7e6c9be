"""One server of each kind for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.support import database_servers


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    with database_servers.postgresql() as address:
        yield address


@pytest.fixture(scope="session")
def mariadb() -> Iterator[str]:
    with database_servers.mariadb() as address:
        yield address


@pytest.fixture(scope="session")
def mongodb() -> Iterator[str]:
    with database_servers.mongodb() as address:
        yield address
