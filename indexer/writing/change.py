"""A change of one product, as any source sends it, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from features.base import Json
from indexer.ledger.content_hash import ContentHash
from indexer.ledger.ordering import ChangeOrder

Outcome = Literal[
    "created", "updated", "unchanged", "deleted", "absent", "superseded",
    "unknown_product", "changed_meanwhile", "refused",
]  # fmt: skip
"""What became of a change.

`unchanged`: the product says this already; `absent`: there was nothing to delete; `superseded`: a
newer change counts. The last three were not carried out: a patch of a product that is not there, a
change made for another state (`tag`), and one that Elasticsearch refuses.
"""

REFUSALS: frozenset[Outcome] = frozenset({"unknown_product", "changed_meanwhile", "refused"})


@dataclass(frozen=True)
class ProductPut:
    """A whole product. `document` has its fields and pictures, as `build_product` makes it.

    `content` is what the source says of it. With a `tag`, it is written only over a product with
    that `product_tag`. A product that says and shows the same already is written again only where
    the put `is_rewritten`, as by a load, which brings products up to date with this program.
    """

    id: str
    order: ChangeOrder
    document: Json
    content: ContentHash
    tag: str | None = None
    is_rewritten: bool = False


@dataclass(frozen=True)
class ProductPatch:
    """Some fields of a product that is there; None removes one."""

    id: str
    order: ChangeOrder
    values: Mapping[str, Json]
    tag: str | None = None


@dataclass(frozen=True)
class ProductDelete:
    """The end of a product."""

    id: str
    order: ChangeOrder
    tag: str | None = None


Change = ProductPut | ProductPatch | ProductDelete


@dataclass(frozen=True)
class ChangeResult:
    """What became of a change. `tag` is the product's now; None where there is none.

    `pending` names the slow features that its pictures still lack.
    """

    id: str
    outcome: Outcome
    reason: str = ""
    tag: str | None = None
    pending: Sequence[str] = ()
