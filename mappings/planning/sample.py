"""Stored products and pictures drawn at random: the same ones for the same index and seed."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

from features.base import Json
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PICTURES
from mappings.catalogue.scan import PAGE_SIZE
from mappings.engine.paging import search_pages


def draw_pictures(
    catalogue: Catalogue, products: int, seed: int = 1
) -> Iterator[Mapping[str, Json]]:
    """Yield the picture documents, with their vectors, of up to `products` random products.

    Raises what `Catalogue.search` does.
    """
    for product in draw_products(catalogue, products, seed, (PICTURES,)):
        yield from product.get(PICTURES, [])


def draw_products(
    catalogue: Catalogue, products: int, seed: int, fields: Sequence[str]
) -> Iterator[Mapping[str, Json]]:
    """Yield these fields, vectors among them, of up to `products` random products.

    Raises what `Catalogue.search` does.
    """
    body: Json = {
        "query": {"function_score": {"random_score": {"seed": seed, "field": "_seq_no"}}},
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "track_total_hits": False,
        "_source": {"includes": list(fields), "exclude_vectors": False},
    }
    pages = search_pages(catalogue.search, body, min(PAGE_SIZE, max(1, products)))
    hits = chain.from_iterable(pages)
    return (hit["_source"] for hit in islice(hits, products))
