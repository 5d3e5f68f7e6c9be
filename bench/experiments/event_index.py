"""An index of a bench's own for the events of shoppers, with the fields of the data stream."""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import islice

from features.base import Json
from mappings.engine.gateway import Gateway
from mappings.events import event_mapping, ubi_mapping

BATCH = 5_000


def event_index(gateway: Gateway, prefix: str) -> AbstractContextManager[str]:
    """Give an empty index for events; its name begins with `prefix`, it is deleted at the end."""
    return _index(gateway, prefix, ubi_mapping.event_properties())


def search_index(gateway: Gateway, prefix: str) -> AbstractContextManager[str]:
    """Give such an index for the log of searches."""
    return _index(gateway, prefix, event_mapping.properties())


@contextmanager
def _index(gateway: Gateway, prefix: str, fields: Json) -> Iterator[str]:
    name = f"{prefix}-{secrets.token_hex(6)}"
    mapping = {"dynamic": False, "properties": fields}
    gateway.create_index(name, mapping, {"index": {"number_of_shards": 1}})
    try:
        yield name
    finally:
        gateway.delete_index(name)


def store_events(gateway: Gateway, index: str, events: Iterable[tuple[str, Json]]) -> None:
    """Write events under their ids and make them searchable; raises what the gateway does."""
    stream = iter(events)
    while batch := list(islice(stream, BATCH)):
        gateway.bulk_create(index, batch, stream=False)
    gateway.refresh(index)
