"""What a feed yields: rows, and rejections of what cannot go in."""

from collections.abc import Mapping
from dataclasses import dataclass

from features.base import Json


@dataclass(frozen=True)
class Row:
    """One product as the feed wrote it: column name → cell. `line` counts from 1.

    `version` is the source's own version of the row, such as a moment; '' where it has none.
    """

    line: int
    cells: Mapping[str, Json]
    version: str = ""


@dataclass(frozen=True)
class Rejection:
    """Something that did not go in: where it stood, and the rule it broke.

    `rule` is a stable word for machines, `detail` a sentence for people. `id` is the product's,
    or None where the row did not get that far. A rejected picture of an accepted product is
    named in the same way as a rejected row; `field` tells them apart.
    """

    line: int
    field: str
    rule: str
    detail: str
    id: str | None = None
