"""Builds the request for the pictures worth examining: by file, by hash, and by several views.

As in a search, metadata filters surround one clause per feature and view. The best clause decides
(`dis_max`), because a candidate needs only one good reason. Proof ranks above likeness, so no
number of look-alikes displaces a copy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from features.base import ApproximateSearch, ClauseContext, Feature, Json
from features.capabilities import Conclusive
from mappings.catalogue.products import COMPARED_PICTURES, PICTURES, feature_path
from mappings.search.filters import Filters

PROOF_WEIGHTS: Mapping[str, float] = {"same_file": 8.0, "same_photo": 4.0}
"""Weight by what a feature proves; others weigh 1, and every clause scores at most 1."""

NEIGHBOURS, OVERSAMPLE = 24, 10
"""Per view: a copy is among the nearest of some view or of none (docs/BENCHMARKS.md). So many times
as many are compared again exactly where the index keeps codes of its vectors."""


@dataclass(frozen=True)
class FeatureQuery:
    """A feature and the value to search it with."""

    feature: Feature
    value: Json


def build_body(queries: Sequence[FeatureQuery], filters: Filters, size: int) -> Json:
    """Return the request for the `size` best products, with their pictures' vectors.

    Without a query, the request finds nothing.
    """
    # No clause has a name: a named one runs once more per segment, for a score nobody reads.
    should = [_clause(query, filters) for query in queries]
    best: Json = {"dis_max": {"queries": should}} if should else {"match_none": {}}
    return {
        "query": {"bool": {"filter": filters.clauses(), "must": [best]}},
        "size": size,
        "track_total_hits": False,
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "_source": {"exclude_vectors": False},
    }


def _clause(query: FeatureQuery, filters: Filters) -> Json:
    feature = query.feature
    context = ClauseContext(
        field=feature_path(feature),
        approximate=ApproximateSearch(NEIGHBOURS, NEIGHBOURS * OVERSAMPLE, OVERSAMPLE),
        filters=(*filters.clauses(in_picture=True), COMPARED_PICTURES),
    )
    return {
        "function_score": {
            "query": {
                "nested": {
                    "path": PICTURES,
                    "score_mode": "max",
                    # A region, or a shopper's photo, is no listing's picture.
                    "query": {
                        "bool": {
                            "must": [feature.clause(query.value, context)],
                            "filter": [COMPARED_PICTURES],
                        }
                    },
                }
            },
            "weight": PROOF_WEIGHTS.get(feature.relation, 1.0)
            if isinstance(feature, Conclusive)
            else 1.0,
        }
    }
