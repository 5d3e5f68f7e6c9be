"""The requests that erase what a shopper asked and did."""

from collections.abc import Sequence
from datetime import datetime

from features.base import Json
from mappings.events.ubi_documents import zoned

MOST_QUERIES = 10_000
"""Queries of a shopper that are found in the search log too."""


def shopper_query(*, session_id: str = "", client_id: str = "") -> Json:
    """Return the query for what has one of these pseudonyms."""
    pairs = {"session_id": session_id, "client_id": client_id}
    terms = [{"term": {name: value}} for name, value in pairs.items() if value]
    return {"bool": {"should": terms, "minimum_should_match": 1}}


def before_query(at: datetime) -> Json:
    """Return the query for what is older than a moment."""
    return {"range": {"@timestamp": {"lt": zoned(at)}}}


def query_ids_body(query: Json) -> Json:
    """Return the search for the ids of the queries that a query finds."""
    return {"size": MOST_QUERIES, "_source": ["query_id"], "query": query}


def read_query_ids(answer: Json) -> list[str]:
    """Return the ids of queries."""
    return [str(hit["_source"]["query_id"]) for hit in answer["hits"]["hits"]]


def searches_query(query_ids: Sequence[str]) -> Json:
    """Return the query for the entries that these queries have in the search log."""
    return {"terms": {"lookalike.query.id": list(query_ids)}}
