"""Reads the events of a request's body: one object, an array, or a line each (NDJSON)."""

from collections.abc import Mapping

import orjson
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request

from app.events.errors import TooManyEvents
from features.base import Json

MOST_EVENTS = 1_000
MOST_BYTES = 2 * 1024 * 1024


def read_body(request: Request) -> Json:
    """Return the JSON value of a body, a list of its lines for NDJSON.

    Raises BadRequest for what is no JSON, and TooManyEvents for too many bytes or lines.
    """
    data = _read_bytes(request)
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        lines = [line for line in data.splitlines() if line.strip()]
        if len(lines) < 2:
            raise BadRequest(
                "the body is neither JSON nor NDJSON; check its commas, quotes and encoding"
            ) from error
    check_number(len(lines))
    return [_line(line) for line in lines]


def as_list(value: Json) -> list[Json]:
    """Return the events of a body's value; raises TooManyEvents."""
    events = value if isinstance(value, list) else [value]
    check_number(len(events))
    return events


def member_list(body: Json, name: str) -> list[Json]:
    """Return a list that a body's object holds; raises BadRequest and TooManyEvents."""
    values = body.get(name) if isinstance(body, Mapping) else None
    if not isinstance(values, list):
        raise BadRequest(f"the body is no JSON object with a list named `{name}`")
    check_number(len(values))
    return values


def check_number(number: int) -> None:
    """Raise TooManyEvents for more events than a request may have."""
    if number > MOST_EVENTS:
        raise TooManyEvents(
            f"a request may have {MOST_EVENTS:,} events, this one has {number:,}: send several"
        )


def _read_bytes(request: Request) -> bytes:
    if (request.content_length or 0) > MOST_BYTES:
        raise _too_long()
    data = request.stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _too_long()
    return data


def _too_long() -> TooManyEvents:
    return TooManyEvents(
        f"a request may have {MOST_BYTES // 2**20} MiB and {MOST_EVENTS:,} events: send several"
    )


def _line(line: bytes) -> Json:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
