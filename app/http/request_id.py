"""The id that ties a request, its log line, its answer and its problem document together."""

import re
import secrets

from flask import g, has_request_context, request

ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id() -> str:
    """Return this request's id: the caller's X-Request-Id if well formed, else a new one."""
    if not has_request_context():
        return "-"
    if "request_id" not in g:
        sent_id = request.headers.get("X-Request-Id", "")
        g.request_id = sent_id if ACCEPTED.fullmatch(sent_id) else secrets.token_hex(8)
    return str(g.request_id)
