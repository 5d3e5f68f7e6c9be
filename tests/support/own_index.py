"""An index of a test's own on the real server."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from core.environment import Environment
from ops.server import Server
from tests.support.engine import Engine


@contextmanager
def own_index(engine: Engine, values: Mapping[str, str]) -> Iterator[Environment]:
    """Give settings for the server, with index names nobody else has; those are gone at the end."""
    index = f"test-{secrets.token_hex(6)}"
    try:
        yield Environment(
            {
                **values,
                "ELASTICSEARCH_URL": engine.url,
                "ELASTICSEARCH_USER": engine.user,
                "ELASTICSEARCH_PASSWORD": engine.password,
                "LOOKALIKE_INDEX": index,
                "LOOKALIKE_DESK_INDEX": index,
            }
        )
    finally:
        server = Server(engine.url, engine.user, engine.password)
        for name in server.request("GET", f"/{index}*/_alias").body:
            server.request("DELETE", f"/{name}")
