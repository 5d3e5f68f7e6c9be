"""The variants that a hit stands for: how many there are, and in which colours.

All of the catalogue's are counted, not only those that the query matches: who looks for a red
hoodie learns that it comes in green.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.base import Json
from mappings.catalogue.products import VARIANT_GROUP

GROUPS, COLOURS = "groups", "colours"
MOST_COLOURS = 50
"""Colours listed of one product, the commonest first."""


@dataclass(frozen=True)
class Variants:
    """Further variants of a product. `colours` are those of them that it hasn't itself."""

    count: int = 0
    colours: tuple[str, ...] = ()


def variants_body(groups: Sequence[str]) -> Json:
    """Return the search that counts the products of each group, and their colours."""
    colours = {"terms": {"field": "color", "size": MOST_COLOURS}}
    counts = {"terms": {"field": VARIANT_GROUP, "size": len(groups)}, "aggs": {COLOURS: colours}}
    return {
        "size": 0,
        "track_total_hits": False,
        "query": {"terms": {VARIANT_GROUP: list(groups)}},
        "aggs": {GROUPS: counts},
    }


def read_variants(answer: Json) -> Mapping[str, Variants]:
    """Return group → all of its products, from the answer to `variants_body`."""
    return {
        str(bucket["key"]): Variants(
            count=int(bucket["doc_count"]),
            colours=tuple(str(colour["key"]) for colour in bucket[COLOURS]["buckets"]),
        )
        for bucket in answer["aggregations"][GROUPS]["buckets"]
    }
