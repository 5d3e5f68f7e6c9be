"""What the products' index holds, counted."""

from typing import Any

from mappings.catalogue import products
from mappings.engine.gateway import Gateway


def index_summary(gateway: Gateway, alias: str) -> dict[str, Any]:
    """Return what the index holds: products, pictures, bytes, features and versions.

    Parts of pictures, which a duplicate check compares on their own, are not counted. Raises
    IndexMissing.
    """
    (name, meta), *_ = gateway.index_meta(alias).items()
    part = {"term": {f"{products.PICTURES}.source": products.PART}}
    whole = {"whole": {"filter": {"bool": {"must_not": [part]}}}}
    nested = {"nested": {"path": products.PICTURES}, "aggs": whole}
    body = {"size": 0, "track_total_hits": True, "aggs": {"pictures": nested}}
    counted = gateway.search(alias, body)
    return {
        "index": name,
        "products": counted["hits"]["total"]["value"],
        "pictures": counted["aggregations"]["pictures"]["whole"]["doc_count"],
        "bytes": gateway.index_bytes(name),
        "features": meta.get("lookalike", {}).get("features", {}),
    }
