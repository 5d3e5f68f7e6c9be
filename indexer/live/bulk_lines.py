"""Reads the lines of a bulk request: changes of ours, and events of Debezium's.

A line of ours is ``{"op": "put", "id": "A-1", "version": 7, "product": {…}}``; `op` is put, patch
or delete, and the product has a feed's columns.
"""

import json
from collections.abc import Mapping
from typing import cast

from features.base import Json
from indexer.feeds.values import has_surrogates
from indexer.live import debezium
from indexer.live.change_reading import product_id
from indexer.live.change_request import HIGHEST_VERSION, Action, ChangeRequest
from indexer.live.errors import ProductRefused
from mappings.catalogue.fields import ProductFields

ACTIONS = ("put", "patch", "delete")
NAMES = frozenset({"op", "id", "version", "source", "if_match", "product"})


def read_line(line: bytes, fields: ProductFields) -> ChangeRequest:
    """Return the change of one line; raises ProductRefused saying what is wrong with it."""
    try:
        values = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProductRefused("the line is not JSON: write one object a line") from error
    if not isinstance(values, dict):
        raise ProductRefused("a line is a JSON object, with op, id and product")
    if debezium.is_envelope(values):
        return debezium.read_envelope(values, fields)
    return _read_change(values, fields)


def read_version(version: Json) -> int | None:
    """Return a version as a number; raises ProductRefused."""
    if version is None or version == "":
        return None
    text = str(version)
    if isinstance(version, bool) or not text.isdecimal() or int(text) > HIGHEST_VERSION:
        raise ProductRefused(
            f"version: a whole number from 0 to {HIGHEST_VERSION}, larger for newer"
        )
    return int(text)


def _read_change(values: Mapping[str, Json], fields: ProductFields) -> ChangeRequest:
    unknown = sorted(values.keys() - NAMES)
    if unknown:
        raise ProductRefused(
            f"{unknown[0][:80]!r} is none of {', '.join(sorted(NAMES))}; what the product says "
            "goes into product"
        )
    action = values.get("op", "put")
    if action not in ACTIONS:
        raise ProductRefused(f"op: one of {', '.join(ACTIONS)}")
    cells = values.get("product") or {}
    if not isinstance(cells, dict):
        raise ProductRefused("product: an object with a feed's columns")
    key = str(values.get("id") or product_id(cells, fields))
    if not key:
        raise ProductRefused("id: a change names its product")
    return ChangeRequest(
        cast(Action, action),
        key,
        cells,
        read_version(values.get("version")),
        _text(values, "source"),
        _text(values, "if_match") or None,
    )


def _text(values: Mapping[str, Json], name: str) -> str:
    value = values.get(name)
    if value is not None and (not isinstance(value, str) or has_surrogates(value)):
        raise ProductRefused(f"{name}: a text")
    return value or ""
