"""Turns an index of one-bit codes into a graph of them, once comparing all takes too long.

Elasticsearch allows that one change of a vector field without a reindex. New and merged segments
get a graph; older ones are compared whole until they are merged, and searches read both.
"""

from features.base import Json
from features.vector import with_graph
from mappings.catalogue.products import PICTURES
from mappings.engine.gateway import Gateway

GRAPH_FROM = 4_000_000
"""Pictures from which codes are kept in a graph.

*Measured* at a million × 256-d: comparing all codes takes 36 ms whatever the filter, and four times
that is as long as a search may take. A graph answers sooner without a filter, but under one that
keeps half it lost so much that all was compared exactly (docs/benchmarks/filtered.md).
"""


def add_graphs(gateway: Gateway, index: str) -> tuple[str, ...]:
    """Keep the codes of every vector field in a graph from now on; return the fields changed.

    Raises IndexMissing.
    """
    pictures = gateway.properties(index)[PICTURES]["properties"]
    changed: dict[str, Json] = {
        name: grown for name, field in pictures.items() if (grown := with_graph(field)) is not None
    }
    if changed:
        (meta, *_) = gateway.index_meta(index).values()
        gateway.put_mapping(index, meta, {PICTURES: {"type": "nested", "properties": changed}})
    return tuple(changed)
