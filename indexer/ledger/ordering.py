"""Decides which changes of a product count, whatever order they arrive in. Values only.

A change carries a `ChangeOrder`: the version that its source gave it, where it gave one, and the
number of its arrival. An older version of a source never wins over a newer one of the same source.
Versions of different sources, or a version and none, say nothing of each other: there the later
arrival wins.

A change of the whole product (a put or a delete) and changes of single fields (patches) are ordered
field by field. A patch that is newer than the put stays in force when the put arrives late or is
repeated, so the history keeps such patches with their values until a newer put replaces them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from features.base import Json

WHOLE = ""
"""Stands for the product as a whole where versions are kept by field."""


@dataclass(frozen=True)
class ChangeOrder:
    """When a change counts. `arrival` increases over all changes of a catalogue.

    `version` is the source's own number, larger for newer; None where it gave none.
    """

    arrival: int
    version: int | None = None
    source: str = ""

    def precedes(self, other: "ChangeOrder") -> bool:
        """Say whether this change is older than another; two of one version are not."""
        if self.version is not None and other.version is not None and self.source == other.source:
            return self.version < other.version
        return self.arrival < other.arrival


@dataclass(frozen=True)
class FieldChange:
    """The value that a patch gave a field; None where it removed the field."""

    order: ChangeOrder
    value: Json


@dataclass(frozen=True)
class History:
    """What has decided a product's present state.

    `base` is the latest put or delete, `later` the patches that are newer than it, by field.
    `versions` maps source → field, or WHOLE → the highest version that has decided it.
    """

    base: ChangeOrder
    later: Mapping[str, FieldChange] = field(default_factory=dict)
    versions: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def overlay(self, fields: Mapping[str, Json]) -> dict[str, Json]:
        """Return a product's fields with the newer patches in place."""
        changed = {**fields, **{name: change.value for name, change in self.later.items()}}
        return {name: value for name, value in changed.items() if value is not None}


def decide_whole(history: History | None, order: ChangeOrder) -> History | None:
    """Return the history after a put or a delete; None where it is older than what counts now."""
    if history is None:
        return History(order, versions=_with_version({}, order, WHOLE))
    if order.precedes(history.base) or _is_outdated(history, order, WHOLE):
        return None
    later = {
        name: change
        for name, change in history.later.items()
        if order.precedes(change.order) or _is_outdated(history, order, name)
    }
    return History(order, later, _with_version(history.versions, order, WHOLE))


def decide_fields(
    history: History, order: ChangeOrder, values: Mapping[str, Json]
) -> tuple[History, dict[str, Json]]:
    """Return the history after a patch, and those of its values that count.

    There are none where all of them are older than what counts now.
    """
    if order.precedes(history.base) or _is_outdated(history, order, WHOLE):
        return history, {}
    accepted = {
        name: value
        for name, value in values.items()
        if not _is_outdated(history, order, name)
        and (name not in history.later or not order.precedes(history.later[name].order))
    }
    if not accepted:
        return history, {}
    changes = {name: FieldChange(order, value) for name, value in accepted.items()}
    versions = _with_version(history.versions, order, *accepted)
    return History(history.base, {**history.later, **changes}, versions), accepted


def _is_outdated(history: History, order: ChangeOrder, name: str) -> bool:
    """Say whether the change's own source has decided the field by a higher version."""
    if order.version is None:
        return False
    highest = history.versions.get(order.source, {}).get(name)
    return highest is not None and order.version < highest


def _with_version(
    versions: Mapping[str, Mapping[str, int]], order: ChangeOrder, *names: str
) -> Mapping[str, Mapping[str, int]]:
    """Return the highest versions after a change; those that no longer tell anything are left out.

    A version of the whole product makes lower ones of its fields superfluous.
    """
    if order.version is None:
        return versions
    known = dict(versions.get(order.source, {}))
    for name in names:
        known[name] = max(order.version, known.get(name, order.version))
    whole = known.get(WHOLE)
    kept = {
        name: version
        for name, version in known.items()
        if name == WHOLE or whole is None or version > whole
    }
    return {**versions, order.source: kept}
