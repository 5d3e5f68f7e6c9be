"""Decides which changes of a product count, whatever order they arrive in. Values only.

A change carries a `ChangeOrder`: the version that its source gave it, where it gave one, and the
number of its arrival. An older version of a source never wins over a newer one of the same source.
Versions of different sources, or a version and none, say nothing of each other: there the later
arrival wins.

A change of the whole product (a put or a delete) and changes of single fields (patches) are ordered
field by field. A patch that is newer than the put stays in force when the put arrives late or is
repeated, so the history keeps such patches with their values until a newer put replaces them.

A change that comes again, with its version and its content, changes nothing. Two changes of one
version with different content are taken in the order of their arrival.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from features.base import Json

WHOLE = ""
"""Stands for the product as a whole where versions are kept by field."""

Mark = tuple[int, str]
"""A version and a digest of what it said."""


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
    `versions` maps source → field, or WHOLE → the highest version that has decided it, and a digest
    of what that said.
    """

    base: ChangeOrder
    later: Mapping[str, FieldChange] = field(default_factory=dict)
    versions: Mapping[str, Mapping[str, Mark]] = field(default_factory=dict)

    def overlay(self, fields: Mapping[str, Json]) -> dict[str, Json]:
        """Return a product's fields with the newer patches in place."""
        changed = {**fields, **{name: change.value for name, change in self.later.items()}}
        return {name: value for name, value in changed.items() if value is not None}


def decide_whole(history: History | None, order: ChangeOrder, content: Json) -> History | None:
    """Return the history after a put or a delete; None where it is older than what counts now.

    `content` is anything that is equal for equal puts; None for a delete.
    """
    marks = {WHOLE: digest(content)}
    if history is None:
        return History(order, versions=_with_marks({}, order, marks))
    if order.precedes(history.base) or _is_outdated(history, order, WHOLE, marks[WHOLE]):
        return None
    later = {
        name: change
        for name, change in history.later.items()
        if order.precedes(change.order) or _has_higher(history, order, name)
    }
    return History(order, later, _with_marks(history.versions, order, marks))


def decide_fields(
    history: History, order: ChangeOrder, values: Mapping[str, Json]
) -> tuple[History, dict[str, Json]]:
    """Return the history after a patch, and those of its values that count.

    There are none where all of them are older than what counts now, or came before.
    """
    if _has_higher(history, order, WHOLE):
        return history, {}
    marks = {name: digest(value) for name, value in values.items()}
    accepted = {
        name: value
        for name, value in values.items()
        if not _is_outdated(history, order, name, marks[name])
        and not order.precedes(_decided_by(history, name))
    }
    if not accepted:
        return history, {}
    changes = {name: FieldChange(order, value) for name, value in accepted.items()}
    versions = _with_marks(history.versions, order, {name: marks[name] for name in accepted})
    return History(history.base, {**history.later, **changes}, versions), accepted


def digest(content: Json) -> str:
    """Return a short digest of a JSON value; '' for None."""
    if content is None:
        return ""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _decided_by(history: History, name: str) -> ChangeOrder:
    """Return the order of the change that decides a field now."""
    return history.later[name].order if name in history.later else history.base


def _has_higher(history: History, order: ChangeOrder, name: str) -> bool:
    """Say whether the change's own source has decided the field by a higher version."""
    mark = history.versions.get(order.source, {}).get(name)
    return mark is not None and order.version is not None and order.version < mark[0]


def _is_outdated(history: History, order: ChangeOrder, name: str, said: str) -> bool:
    """Say the same, also where the change is the one that decided it, come again."""
    mark = history.versions.get(order.source, {}).get(name)
    return _has_higher(history, order, name) or mark == (order.version, said)


def _with_marks(
    versions: Mapping[str, Mapping[str, Mark]], order: ChangeOrder, marks: Mapping[str, str]
) -> Mapping[str, Mapping[str, Mark]]:
    """Return the highest versions after a change; those that no longer tell anything are left out.

    A version of the whole product makes lower ones of its fields superfluous.
    """
    if order.version is None:
        return versions
    present = {
        **versions.get(order.source, {}),
        **{name: (order.version, said) for name, said in marks.items()},
    }
    whole = present.get(WHOLE)
    telling = {
        name: mark
        for name, mark in present.items()
        if name == WHOLE or whole is None or mark[0] > whole[0]
    }
    return {**versions, order.source: telling}
