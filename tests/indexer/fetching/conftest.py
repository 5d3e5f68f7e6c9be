"""A running server of pictures."""

import threading
from collections.abc import Iterator

import pytest

from tests.indexer.fetching.picture_site import Site


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()
