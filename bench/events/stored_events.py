"""The events that a bench finds stored."""

from bench.workspace import Workspace
from core.errors import IndexMissing
from features.base import Json
from mappings.engine.connection import EngineSettings, connect
from mappings.events.ubi_mapping import EVENTS

PAGE = 5_000


def stored_documents(space: Workspace, query: Json, fields: tuple[str, ...] = ()) -> list[Json]:
    """Return all stored events that a query finds, or some of their fields."""
    gateway = connect(EngineSettings.from_env(space.environment))
    body = {
        "query": query,
        "sort": [{"@timestamp": "asc"}, {"event.id": "asc"}],
        **({"_source": list(fields)} if fields else {}),
    }
    try:
        gateway.refresh(EVENTS)
        pages = gateway.documents(EVENTS).scan_pages(body, PAGE)
        return [stored.source for page in pages for stored in page]
    except IndexMissing:  # none has arrived yet
        return []
    finally:
        gateway.close()
