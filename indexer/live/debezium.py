"""Reads change events as Debezium sends them.

https://debezium.io/documentation/reference/stable/connectors/postgresql.html#postgresql-events
"""

from collections.abc import Mapping
from typing import Any

from features.base import Json
from indexer.feeds.columns import is_known
from indexer.live.change_reading import product_id
from indexer.live.change_request import HIGHEST_VERSION, ChangeRequest
from indexer.live.errors import ProductRefused
from indexer.live.uploaded_pictures import is_picture_column
from mappings.catalogue.fields import ProductFields

CREATE, UPDATE, READ, DELETE = "c", "u", "r", "d"

VERSION_NAMES = ("lsn", "scn", "ts_us", "ts_ms")
"""What orders the events of one table, the best first; a connector always gives the same ones."""


def is_envelope(event: Mapping[str, Json]) -> bool:
    """Say whether an object is an event of Debezium's, with or without its schema."""
    body = unwrapped(event)
    return "op" in body and ("before" in body or "after" in body)


def unwrapped(event: Mapping[str, Json]) -> Mapping[str, Any]:
    """Return the event without the wrappers of schemas and cloud events."""
    for name in ("payload", "data"):
        inner = event.get(name)
        if isinstance(inner, dict):
            return unwrapped(inner)
    return event


def read_envelope(event: Mapping[str, Json], fields: ProductFields) -> ChangeRequest:
    """Return the change that an event tells; raises ProductRefused for one of another kind.

    A row without a column of pictures, such as one of a table of prices, is a patch.
    """
    body = unwrapped(event)
    operation = body.get("op")
    row = body.get("before" if operation == DELETE else "after")
    if operation not in (CREATE, UPDATE, READ, DELETE):
        raise ProductRefused(
            f"op {str(operation)[:20]!r} is not read; c, u, r and d are, which change single rows"
        )
    if not isinstance(row, dict):
        raise ProductRefused(
            f"an event with op {operation!r} needs the row in "
            f"{'before' if operation == DELETE else 'after'!r}; set REPLICA IDENTITY FULL where "
            "the key is missing"
        )
    key = product_id(row, fields)
    if not key:
        raise ProductRefused("id: the row names no product; it needs a column such as id or sku")
    version, source = _order(body.get("source"))
    if operation == DELETE:
        return ChangeRequest("delete", key, {}, version, source)
    if any(is_picture_column(name) for name in row):
        return ChangeRequest("put", key, row, version, source)
    # A table has columns that are no statement of the product.
    known = {name: cell for name, cell in row.items() if is_known(name, fields)}
    return ChangeRequest("patch", key, known, version, source)


def _order(source: Json) -> tuple[int | None, str]:
    """Return the version of an event, None without one, and the name of its table."""
    if not isinstance(source, dict):
        return None, ""
    numbers = [str(source.get(name, "")) for name in VERSION_NAMES]
    versions = [int(text) for text in numbers if text.isascii() and text.isdecimal()]
    version = next((number for number in versions if number <= HIGHEST_VERSION), None)
    names = (source.get(name) for name in ("connector", "name", "db", "schema", "table"))
    label = ".".join(str(name) for name in names if name)
    # Half a surrogate pair is valid JSON, and no text that can be stored.
    return version, label.encode(errors="replace").decode()
