"""A line of ECS JSON for each request: what was answered, how fast, and no whole address."""

import logging
import time

from apiflask import APIFlask
from flask import Response, g, request

from app.http.request_id import request_id
from mappings.events.event_documents import truncate_address

DATASET = "lookalike.access"

log = logging.getLogger(__name__)


def install(app: APIFlask) -> None:
    """Log every request. A query string, which may hold words that people type, is left out."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def report(response: Response) -> Response:
        began = g.get("began")
        took_s = time.perf_counter() - began if began is not None else 0.0
        fields = {
            "event.dataset": DATASET,
            "event.duration": round(took_s * 1e9),
            "http.request.id": request_id(),
            "http.request.method": request.method,
            "http.response.status_code": response.status_code,
            "http.response.body.bytes": response.content_length,
            "url.path": request.path,
            "client.address": truncate_address(request.remote_addr or ""),
            "user_agent.name": request.user_agent.browser,
        }
        known = {name: value for name, value in fields.items() if value is not None}
        log.info("%s %s %d", request.method, request.path, response.status_code, extra=known)
        return response
