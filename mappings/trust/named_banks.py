"""The index of bank names: which named banks there are, and which share of lookups they answer."""

import time
from dataclasses import asdict, dataclass
from typing import Any

from mappings.engine.documents import VersionedWrite
from mappings.engine.gateway import Gateway

MAPPING = {
    "dynamic": "strict",
    "properties": {"name": {"type": "keyword"}, "matching_enabled_ratio": {"type": "double"}},
}
SETTINGS = {"index.number_of_shards": 1, "index.auto_expand_replicas": "0-1"}
MAX_BANKS = 1000


@dataclass(frozen=True)
class NamedBank:
    """A bank that programs know by name. `matching_enabled_ratio` is the share of lookups, 0 to 1,
    that it answers.
    """

    name: str
    matching_enabled_ratio: float = 1.0


class NamedBankIndex:
    """Reads and writes the names. Thread-safe. The first use creates the index."""

    def __init__(self, gateway: Gateway, index: str) -> None:
        self._gateway = gateway
        self._index = index
        self._documents = gateway.documents(index)
        self._is_there = False

    def all(self) -> list[NamedBank]:
        """Return all named banks, by name."""
        self._prepare()
        body = {"query": {"match_all": {}}, "size": MAX_BANKS, "sort": [{"name": "asc"}]}
        return [_bank(found.source) for found in self._documents.find(body)]

    def get(self, name: str) -> NamedBank | None:
        """Return a bank in real time, None where there is none."""
        self._prepare()
        stored = self._documents.get(name)
        return _bank(stored.source) if stored else None

    def create(self, bank: NamedBank) -> bool:
        """Store a new bank; False where there is one of this name."""
        self._prepare()
        created = self._documents.create(bank.name, asdict(bank)) is not None
        self._documents.refresh()
        return created

    def replace(self, bank: NamedBank) -> None:
        """Store a bank over the one of its name, if there is one."""
        self._prepare()
        while (stored := self._documents.get(bank.name)) is not None:
            if self._documents.replace(asdict(bank), stored) is not None:
                self._documents.refresh()
                return

    def delete(self, name: str) -> None:
        """Delete a bank's name, if it is there."""
        self._prepare()
        # Nanoseconds exceed any version that repeated storing and deleting could reach.
        self._documents.write_many([VersionedWrite(name, None, time.time_ns())])
        self._documents.refresh()

    def _prepare(self) -> None:
        if not self._is_there:
            self._gateway.create_index(self._index, MAPPING, SETTINGS)
            self._is_there = True


def _bank(source: dict[str, Any]) -> NamedBank:
    return NamedBank(source["name"], float(source["matching_enabled_ratio"]))
