"""The base of every error a person can meet, and the errors that any layer may raise.

Each class has a stable `code`; the message says what happened and what to do next. Domain code
raises meaning; only `app/errors.py` knows HTTP status codes.

    InvalidSetting      a configuration value cannot be used
    InvalidQuery        a parameter's value cannot be used
    UnknownName         there is no filter, facet, feature or measure of this name
    NotFound            there is no such product, picture or stored query
    Busy                too much work is waiting already
    IndexMissing        there is no index yet
    IndexBlocked        Elasticsearch refuses writes
    EngineUnavailable   Elasticsearch does not answer
    EngineRefused       Elasticsearch rejected a request of ours
    FeatureServiceUnavailable
                        the feature service does not answer

The others are defined where they are raised, each in a module named `errors`: in `features` and
its `imaging`, `fetching`, `embedding` and `remote`, in `mappings.catalogue`, in `indexer` and its
rooms, in `app.accounts`, `app.trust` and `ops`.
"""

from collections.abc import Iterable
from typing import ClassVar


class LookalikeError(Exception):
    """An error with a message for people: what happened, and what to do about it.

    `retry_after_s` is how long to wait before trying again; None where waiting does not help.
    """

    code: ClassVar[str] = "error"
    retry_after_s: int | None = None


class InvalidSetting(LookalikeError):
    """A configuration value cannot be used."""

    code = "invalid_setting"


class InvalidQuery(LookalikeError):
    """A parameter's value cannot be used."""

    code = "invalid_query"


class UnknownName(LookalikeError):
    """There is no filter, facet, feature or measure of this name."""

    code = "unknown_name"

    def __init__(self, kind: str, name: str, names: Iterable[str]) -> None:
        super().__init__(f"unknown {kind} {name[:80]!r}; known: {', '.join(sorted(names))}")


class UnknownCurrency(LookalikeError):
    """There is no currency of this code."""

    code = "unknown_currency"


class NotFound(LookalikeError):
    """There is no such product, picture or stored query."""

    code = "not_found"


class IndexMissing(LookalikeError):
    """There is no index yet."""

    code = "index_missing"
    retry_after_s = 5


class IndexBlocked(LookalikeError):
    """Elasticsearch refuses writes."""

    code = "index_blocked"
    retry_after_s = 30


class EngineUnavailable(LookalikeError):
    """Elasticsearch does not answer."""

    code = "engine_unavailable"
    retry_after_s = 2


class EngineRefused(LookalikeError):
    """Elasticsearch rejected a request of ours."""

    code = "engine_refused"


class FeatureServiceUnavailable(LookalikeError):
    """The feature service does not answer."""

    code = "feature_service_unavailable"
    retry_after_s = 5


class Busy(LookalikeError):
    """Too much work is waiting already."""

    code = "busy"
    retry_after_s = 1
