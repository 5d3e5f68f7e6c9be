"""Which listings a search in the cases means: by id, by words of the title, by seller."""

from collections.abc import Sequence

from features.base import Json
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.search_terms import CODES, TERMS
from mappings.words.codes import asked_codes
from mappings.words.terms import index_terms

MAX_LISTINGS = 10_000
"""Listings that a search in the cases looks for: as many as Elasticsearch returns at once."""


def seller_listings(catalogue: Catalogue, seller: str) -> list[str]:
    """Return the ids of a seller's listings that the catalogue has now."""
    return _find(catalogue, [{"term": {"seller_id": seller}}])


def matching_listings(
    catalogue: Catalogue, listing: str = "", seller: str = ""
) -> Sequence[str] | None:
    """Return the ids of the listings meant, None where nothing is asked for.

    `listing` is an id, one of the product's other numbers, or words of its title. An id that the
    catalogue no longer has is meant too, unless a seller is asked for.
    """
    queries: list[Json] = []
    if seller:
        queries.append({"term": {"seller_id": seller}})
    if listing:
        queries.append(_by_text(listing))
    if not queries:
        return None
    found = _find(catalogue, queries)
    return found if seller or listing in found else [listing, *found]


def _by_text(text: str) -> Json:
    terms = " ".join(index_terms(text).terms)
    ways: list[Json] = [{"term": {"id": text}}]
    ways += [{"prefix": {CODES: key}} for key in asked_codes(text)[:1]]
    if terms:
        ways.append({"match": {f"{TERMS}.title": {"query": terms, "operator": "and"}}})
    return {"bool": {"should": ways, "minimum_should_match": 1}}


def _find(catalogue: Catalogue, queries: Sequence[Json]) -> list[str]:
    body = {"query": {"bool": {"filter": list(queries)}}, "size": MAX_LISTINGS, "_source": ["id"]}
    return [hit["_source"]["id"] for hit in catalogue.search(body)["hits"]["hits"]]
