"""The feature service as gunicorn serves it: `features.service.wsgi:application`."""

import atexit
from collections.abc import Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from core.environment import Environment
from core.server_log import log_to_stderr
from features.remote.messages import MAX_BYTES
from features.service.building import build_service
from features.service.service import FeatureService, ServiceRequest

CHUNK_BYTES = 1024 * 1024


def wsgi_application(service: FeatureService) -> WSGIApplication:
    """Return a WSGI application around a service."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = _Body(environ)
        answer = service.answer(_request(environ, body))
        reason = HTTPStatus(answer.status).phrase
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            *answer.headers.items(),
        ]
        body.skip()
        start_response(f"{answer.status} {reason}", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    return application


class _Body:
    """A request's body, of `length` bytes."""

    def __init__(self, environ: WSGIEnvironment) -> None:
        self.length = int(environ.get("CONTENT_LENGTH") or 0)
        self._input = environ["wsgi.input"]
        self._left = self.length

    def read(self) -> bytes:
        """Return all of it."""
        content: bytes = self._input.read(self._left)
        self._left -= len(content)
        return content

    def skip(self) -> None:
        """Read what a refused client still sends: it listens only once it has sent all."""
        self._left = min(self._left, MAX_BYTES)
        while self._left > 0 and (chunk := self._input.read(min(CHUNK_BYTES, self._left))):
            self._left -= len(chunk)


def _request(environ: WSGIEnvironment, body: _Body) -> ServiceRequest:
    headers = {
        key.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for key, value in environ.items()
        if key.startswith("HTTP_")
    }
    path = environ.get("PATH_INFO", "/")
    return ServiceRequest(environ["REQUEST_METHOD"], path, headers, body.length, body.read)


def create() -> WSGIApplication:
    """Return the application for this process's settings; its service ends with the process."""
    log_to_stderr()
    service = build_service(Environment.current())
    atexit.register(service.close)
    return wsgi_application(service)
