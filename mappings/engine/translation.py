"""Translates the Elasticsearch client's errors to ours, each with what to do next."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from elasticsearch import ApiError, ConflictError, TransportError

from core.errors import (
    Busy,
    EngineRefused,
    EngineUnavailable,
    IndexBlocked,
    IndexMissing,
    LookalikeError,
)

RETRIABLE_STATUSES = frozenset({429, 502, 503, 504})
"""Statuses where trying again may help."""


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn the client's errors into ours, each with what to do next."""
    try:
        yield
    except ConflictError as error:
        raise EngineRefused(
            f"another writer changed it in the meantime: {error.message}"
        ) from error
    except ApiError as error:
        raise domain_error(error) from error
    except TransportError as error:
        raise EngineUnavailable(
            "Elasticsearch does not answer; it may be starting. "
            f"`python -m ops doctor` shows what is wrong ({type(error).__name__})"
        ) from error


def domain_error(error: ApiError) -> LookalikeError:
    """Return our error for an answer of Elasticsearch."""
    what = error_type(error)
    if what == "index_not_found_exception":
        return IndexMissing(missing_index_message(str(error.info["error"].get("index", ""))))
    if what == "cluster_block_exception":
        return IndexBlocked(blocked_message(error.message))
    if error.status_code in (401, 403):
        node = error.meta.node
        return EngineRefused(
            f"Elasticsearch at {node.host}:{node.port} refuses our credentials ({what}); check "
            "ELASTICSEARCH_URL and ELASTICSEARCH_API_KEY, "
            "or ELASTICSEARCH_USER and ELASTICSEARCH_PASSWORD"
        )
    if error.status_code == 429:
        return Busy(f"Elasticsearch is overloaded ({what})")
    if error.status_code in RETRIABLE_STATUSES:
        return EngineUnavailable(f"Elasticsearch cannot serve this now ({what})")
    return EngineRefused(f"Elasticsearch rejected a request: {what}: {root_cause(error)}")


def error_type(error: ApiError) -> str:
    """Return the error type Elasticsearch names, such as `index_not_found_exception`."""
    info: Any = error.info
    inner = info.get("error") if isinstance(info, dict) else None
    return str(inner.get("type") if isinstance(inner, dict) else inner or error.message)


def root_cause(error: ApiError) -> str:
    """Return Elasticsearch's root cause, shortened."""
    info: Any = error.info
    inner = info.get("error") if isinstance(info, dict) else None
    causes = inner.get("root_cause") if isinstance(inner, dict) else None
    return str(causes[0].get("reason") if causes else inner)[:500]


def missing_index_message(index: str) -> str:
    """Return the message for an index that is not there."""
    return f"there is no index {index!r} yet; load a feed first: python -m indexer load FEED"


def blocked_message(reason: str) -> str:
    """Return the message for an index that takes no writes."""
    return (
        f"Elasticsearch blocks writes ({reason}); usually the disk is nearly full: free some "
        "space, and the block goes away by itself. `python -m ops doctor` shows it"
    )
