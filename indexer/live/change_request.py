"""One change as a program sends it, before anything of it has been read."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from features.base import Json

HIGHEST_VERSION = 2**63 - 1

Action = Literal["put", "patch", "delete"]


@dataclass(frozen=True)
class ChangeRequest:
    """A change: `cells` are a feed's columns, as `indexer.feeds` reads them.

    `id` is the product's, '' where the cells say it. `version` and `source` order changes
    (`indexer.ledger.ordering`). With a `tag` it holds only for a product that has it.
    """

    action: Action
    id: str
    cells: Mapping[str, Json] = field(default_factory=dict)
    version: int | None = None
    source: str = ""
    tag: str | None = None


@dataclass(frozen=True)
class ItemResult:
    """What became of one change of a request.

    `outcome` is one of `indexer.writing.change.Outcome`, or `unreadable` for a change that could
    not be read. `code` and `reason` say why nothing was done. `left_out` names cells and pictures
    that could not be used. `tag` and `pending` are those of `ChangeResult`.
    """

    id: str
    outcome: str
    code: str = ""
    reason: str = ""
    tag: str | None = None
    pending: tuple[str, ...] = ()
    left_out: tuple[Mapping[str, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the values that JSON keeps."""
        return {**asdict(self), "left_out": [dict(cell) for cell in self.left_out]}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "ItemResult":
        """Return the result that `to_json` made these values from."""
        return cls(
            **{**values, "pending": tuple(values["pending"]), "left_out": tuple(values["left_out"])}
        )
