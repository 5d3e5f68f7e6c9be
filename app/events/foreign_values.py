"""Values in the events of other systems, as User Behavior Insights has them."""

from collections.abc import Mapping
from datetime import UTC, datetime

from features.base import Json
from mappings.events.ubi_documents import zoned

LONGEST_TIME = 40
"""Characters that are kept of a time that is none, for the answer that refuses it."""


def since_1970(count: Json, *, per_second: int) -> Json:
    """Return a time that is counted in parts of a second since 1970; now for None.

    What is no time comes back as text, which `read_event` refuses.
    """
    if count is None:
        return zoned(datetime.now(UTC))
    try:
        return zoned(datetime.fromtimestamp(int(count) / per_second, UTC))
    except (ValueError, TypeError, OverflowError, OSError):
        return str(count)[:LONGEST_TIME]


def without_none(values: Mapping[str, Json]) -> dict[str, Json]:
    """Return the values that are there."""
    return {name: value for name, value in values.items() if value is not None}
