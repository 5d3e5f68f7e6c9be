"""The queries that many asked and that found something, read from the search log.

A query is shown to others only where shoppers from several networks asked it: what one person
typed (a name, an address) stays theirs. What looks like an e-mail address or a phone number is
never shown, however many asked it.
"""

import re

from features.base import Json

DAYS = 30
"""Age of the searches that are counted."""

MOST = 1_000
"""Queries that are read, the most asked first."""

LONGEST = 60
"""Characters of a query that is suggested."""

E_MAIL = re.compile(r"\S@\S")
PHONE = re.compile(r"(?:\d[\s().+/-]*){7,}")
"""Seven digits or more, whatever stands between them: also card, account and order numbers."""

ADDRESS = re.compile(r"https?:|www\.|://")

QUERY = "lookalike.query.words"


def popular_body(networks: int) -> Json:
    """Return the search for the queries that shoppers from `networks` networks or more asked.

    Counted are searches by words alone that found something: no photo, no filter, first page.
    """
    return {
        "size": 0,
        "track_total_hits": False,
        "query": {
            "bool": {
                "filter": [
                    {"term": {"event.action": "search"}},
                    {"term": {"lookalike.zero_results": False}},
                    {"range": {"@timestamp": {"gte": f"now-{DAYS}d"}}},
                    {"exists": {"field": QUERY}},
                ],
                "must_not": [
                    {"range": {"lookalike.query.pictures": {"gt": 0}}},
                    {"range": {"lookalike.query.page": {"gt": 1}}},
                    {"exists": {"field": "lookalike.query.filter_names"}},
                ],
            }
        },
        "aggs": {
            "queries": {
                "terms": {
                    "field": QUERY,
                    "size": MOST,
                    "min_doc_count": networks,
                    "order": [{"networks": "desc"}, {"_key": "asc"}],
                },
                "aggs": {"networks": {"cardinality": {"field": "client.address"}}},
            }
        },
    }


def read_popular(answer: Json, networks: int) -> list[str]:
    """Return the queries that may be shown, those asked from the most networks first."""
    # A data stream that was never written to has no aggregations to give.
    buckets = answer.get("aggregations", {}).get("queries", {}).get("buckets", [])
    return [
        str(bucket["key"])
        for bucket in buckets
        if bucket["networks"]["value"] >= networks and is_public(str(bucket["key"]))
    ]


def is_public(query: str) -> bool:
    """Say whether a query may be shown to others, by its looks alone."""
    return len(query) <= LONGEST and not any(
        pattern.search(query) for pattern in (E_MAIL, PHONE, ADDRESS)
    )
