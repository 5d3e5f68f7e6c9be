"""Builds the hybrid query: metadata filter, pictures, near-duplicates and words in one request.

Functions from values to JSON: no client, no clock, no configuration. Every clause has a `_name`
and scores in [0, 1], and so does their combination (`mappings.search.combining`). Elasticsearch
reports each clause's own score, so a hit explains itself.
"""

from collections.abc import Sequence

from features.base import Json
from features.registry import Registry
from mappings.catalogue.products import feature_path
from mappings.catalogue.search_terms import CODES, TERMS
from mappings.search import collapsing, combining
from mappings.search.facets import plan_facets
from mappings.search.ordering import runtime_fields, sort_by
from mappings.search.query import Query


def build_body(query: Query, registry: Registry) -> Json:
    """Return the request body; raises UnknownName for an unknown facet."""
    is_near = any(signal.is_near for signal in query.signals)
    facets = plan_facets(
        query.facets,
        query.filters,
        registry,
        query.fields,
        is_near=is_near,
        hits_end=query.min_score > 0,
        by_variants=query.collapse in collapsing.BY_VARIANTS,
    )
    body: Json = {
        "query": _question(query, facets.early),
        "size": query.size,
        "track_total_hits": True,
        "track_scores": True,
        "sort": sort_by(query.order),
        "_source": {"excludes": [*map(feature_path, registry.values()), TERMS, CODES]},
    }
    if query.min_score > 0:
        body["min_score"] = max(0.0, query.scale.engine_score(query.min_score))
    body |= runtime_fields(query.order, query.filters.currency, query.now_ms)
    body |= collapsing.collapse(query) | collapsing.skip(query)
    if query.after is not None:
        body["search_after"] = list(query.after)
    post_filter = facets.post_filter()
    if post_filter is not None:
        body["post_filter"] = post_filter
    if aggregations := facets.aggregations() | collapsing.count_hits(query, post_filter):
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
