"""The hybrid query: metadata filter, pictures, near-duplicates and words in one request body.

Functions from values to JSON: no client, no clock, no configuration. Every clause has a `_name`
and scores in [0, 1], and so does the whole, whatever is put together how
(`mappings.search.combining`); Elasticsearch reports each clause's own score, so a hit explains
itself.
"""

from collections.abc import Sequence

from features.base import Json
from features.registry import Registry
from mappings.catalogue.products import PHOTO_GROUP, feature_path
from mappings.catalogue.search_terms import CODES, TERMS
from mappings.search import combining
from mappings.search import filters as facet_filters
from mappings.search.query import Query

MAX_RESULT_WINDOW = 10_000
"""Elasticsearch's `index.max_result_window`: pages of groups are counted, and end there."""

SIBLINGS = "siblings"


def build_body(query: Query, registry: Registry) -> Json:
    """Return the request body. Raises UnknownName for a facet nobody knows."""
    matching = [] if any(s.is_near for s in query.signals) else combining.word_filters(query)
    asked: Json = {
        "query": _question(query),
        "size": query.size,
        "track_total_hits": True,
        "track_scores": True,
        # The id breaks ties, so pages never overlap.
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "_source": {"excludes": [*map(feature_path, registry.values()), TERMS, CODES]},
    }
    if query.min_score > 0:
        asked["min_score"] = max(0.0, query.scale.engine_score(query.min_score))
    if query.by_photo:
        asked |= _by_photo(query)
    elif query.after is not None:
        asked["search_after"] = list(query.after)
    counted: list[Json] = [_any(matching)] if matching else []
    if aggregations := facet_filters.facet_aggregations(
        query.facets, query.filters, counted, registry, query.fields
    ):
        asked["aggs"] = aggregations
    return asked


def _question(query: Query) -> Json:
    should = combining.positive_clauses(query)
    if not should:
        if not query.browse:
            return {"match_none": {}}
        return {"bool": {"filter": query.filters.clauses() or [{"match_all": {}}]}}
    asked = {
        "bool": {
            "filter": query.filters.clauses(),
            "should": should,
            "minimum_should_match": 1,
        }
    }
    return combining.with_unlikeness(asked, query) if query.unlike else asked


def _by_photo(query: Query) -> dict[str, Json]:
    """Return what makes one hit of the products that show one photo, with their number.

    Elasticsearch takes no `search_after` beside it, so pages are counted.
    """
    siblings: Json = {"name": SIBLINGS, "size": 0}
    page: dict[str, Json] = {"collapse": {"field": PHOTO_GROUP, "inner_hits": siblings}}
    if query.skip:
        page |= {
            "from": query.skip,
            "size": max(0, min(query.size, MAX_RESULT_WINDOW - query.skip)),
        }
    return page


def _any(clauses: Sequence[Json]) -> Json:
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}}
