"""Sends changes of products to a running web server."""

import json
from base64 import b64encode
from collections.abc import Mapping
from http.client import HTTPConnection

from bench.instruments.web_server import LOOPBACK, RunningServer
from core.errors import EngineUnavailable


class WriterClient:
    """A client with the writers' token; every change waits for searches."""

    def __init__(self, site: RunningServer, token: str) -> None:
        self._connection = HTTPConnection(LOOPBACK, site.port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def put(self, key: str, picture: bytes, cells: Mapping[str, object]) -> None:
        """Put a product with one picture. Raises EngineUnavailable unless it went in."""
        shown = f"data:image/jpeg;base64,{b64encode(picture).decode()}"
        self._send("PUT", key, {**cells, "image_link": shown})

    def patch(self, key: str, cells: Mapping[str, object]) -> None:
        """Change fields. Raises EngineUnavailable unless they were changed."""
        self._send("PATCH", key, cells)

    def delete(self, key: str) -> None:
        """Delete a product. Raises EngineUnavailable unless it was deleted."""
        self._send("DELETE", key, None)

    def _send(self, method: str, key: str, cells: Mapping[str, object] | None) -> None:
        body = None if cells is None else json.dumps(cells)
        path = f"/api/v1/products/{key}?refresh=wait_for"
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        text = answer.read()
        # The server ends connections that are idle for some seconds; the next request opens one.
        self._connection.close()
        if answer.status not in (200, 201):
            raise EngineUnavailable(f"{method} {path} was answered {answer.status}: {text[:300]!r}")
