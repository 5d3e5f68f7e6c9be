"""Builds the hybrid query: metadata filter, pictures, near-duplicates and words in one request.

Functions from values to JSON: no client, no clock, no configuration. Every clause has a `_name`
and scores in [0, 1], and so does their combination (`mappings.search.combining`). Elasticsearch
reports each clause's own score, so a hit explains itself.
"""

from collections.abc import Sequence

from features.base import Json
from features.registry import Registry
from mappings.catalogue.products import PHOTO_GROUP, feature_path
from mappings.catalogue.search_terms import CODES, TERMS
from mappings.search import combining
from mappings.search.facets import plan_facets
from mappings.search.query import Query

MAX_RESULT_WINDOW = 10_000
"""Elasticsearch's `index.max_result_window`: pages of groups end there."""

SIBLINGS = "siblings"


def build_body(query: Query, registry: Registry) -> Json:
    """Return the request body; raises UnknownName for an unknown facet."""
    is_near = any(signal.is_near for signal in query.signals)
    facets = plan_facets(query.facets, query.filters, registry, query.fields, is_near=is_near)
    body: Json = {
        "query": _question(query, facets.early),
        "size": query.size,
        "track_total_hits": True,
        "track_scores": True,
        # The id breaks ties, so pages never overlap.
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "_source": {"excludes": [*map(feature_path, registry.values()), TERMS, CODES]},
    }
    if query.min_score > 0:
        body["min_score"] = max(0.0, query.scale.engine_score(query.min_score))
    if query.by_photo:
        body |= _by_photo(query)
    elif query.after is not None:
        body["search_after"] = list(query.after)
    if post_filter := facets.post_filter():
        body["post_filter"] = post_filter
    if aggregations := facets.aggregations():
        body["aggs"] = aggregations
    return body


def _question(query: Query, filters: Sequence[Json]) -> Json:
    """Return what matches and scores; `filters` are those that the query itself applies."""
    should = combining.positive_clauses(query)
    if not should:
        if not query.browse:
            return {"match_none": {}}
        return {"bool": {"filter": list(filters) or [{"match_all": {}}]}}
    positive = {"bool": {"filter": list(filters), "should": should, "minimum_should_match": 1}}
    return combining.with_unlikeness(positive, query) if query.unlike else positive


def _by_photo(query: Query) -> dict[str, Json]:
    """Return what makes the products that show one photo a single hit, with their number.

    Elasticsearch can't combine it with `search_after`, so pages are skipped by number of hits.
    """
    siblings: Json = {"name": SIBLINGS, "size": 0}
    page: dict[str, Json] = {"collapse": {"field": PHOTO_GROUP, "inner_hits": siblings}}
    if query.skip:
        page |= {
            "from": query.skip,
            "size": max(0, min(query.size, MAX_RESULT_WINDOW - query.skip)),
        }
    return page
