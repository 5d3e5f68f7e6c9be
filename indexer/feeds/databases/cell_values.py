"""Turns what database drivers return into what a row's cells may hold."""

import math
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from features.base import Json


def cell(value: Any) -> Json:
    """Return a driver's value as text, number, list, object or None.

    Decimals become numbers; moments are written in ISO 8601; bytes that are
    no UTF-8 text, such as a picture in a column, become None.
    """
    if isinstance(value, Decimal):
        value = float(value) if value.is_finite() else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, Mapping):
        return {str(name): cell(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [cell(inner) for inner in value]
    return _text(value)


def _text(value: Any) -> str | None:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return None
    return str(value)
