"""The numbered indices behind an alias: made, put in service, and kept for an undo.

The alias (`products`) points at one of them (`products-000001`); another alias
(`products-former`) at the one that was in service before the last rebuild.
"""

import re

from features.base import Json
from mappings.engine.gateway import Gateway

NUMBERED = re.compile(r"-(\d{6})")


class NumberedIndices:
    """The indices of one alias."""

    def __init__(self, gateway: Gateway, alias: str) -> None:
        self._gateway = gateway
        self._alias = alias
        self._former_alias = f"{alias}-former"

    def make_first(self, mapping: Json, settings: Json) -> bool:
        """Make an index behind the alias; False where another process has done so."""
        name = self._next_name()
        # Looked up after the names: whoever made one of them put it behind the alias at once.
        if self._gateway.indices_behind(self._alias):
            return False
        return self._gateway.create_index(name, mapping, settings, alias=self._alias)

    def make_next(self, mapping: Json, settings: Json) -> str:
        """Make an index of the next number, out of service; return its name."""
        name = self._next_name()
        self._gateway.create_index(name, mapping, settings)
        return name

    def promote(self, name: str) -> None:
        """Put an index in service, keep the one before, and delete all others."""
        self._gateway.refresh(name)
        self._gateway.point_alias(self._alias, name, self._former_alias)
        kept = {name, *self._gateway.indices_behind(self._former_alias)}
        for other in self._numbers():
            if other not in kept:
                self._gateway.delete_index(other)

    def former(self) -> str:
        """Return the index that was in service before; '' without one."""
        (name, *_) = self._gateway.indices_behind(self._former_alias) or [""]
        return name

    def exchange(self, name: str) -> None:
        """Put an index in service, and keep the present one as that before."""
        self._gateway.point_alias(self._alias, name, self._former_alias)

    def _next_name(self) -> str:
        return f"{self._alias}-{max(self._numbers().values(), default=0) + 1:06d}"

    def _numbers(self) -> dict[str, int]:
        """Return the number of every index made for this alias, in service or not."""
        return {
            name: int(found.group(1))
            for name in self._gateway.indices(f"{self._alias}-*")
            if (found := NUMBERED.fullmatch(name.removeprefix(self._alias)))
        }
