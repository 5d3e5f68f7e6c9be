"""The candidates' request: literal JSON, and the order it brings from the real server."""

from features.base import Json
from mappings import candidates
from mappings.candidates import Question
from mappings.filters import Filters
from tests.mappings.doubles import Arrow, Stamp

EXTRA: Json = {"terms": {"images.source": ["region", "shopper"]}}
"""Further views of a product are no listing's pictures."""


def test_each_question_is_a_clause_and_the_best_one_counts() -> None:
    asked = [Question(Arrow(), [1.0, 0.0], "arrow:0"), Question(Stamp(), "x", "stamp:0")]
    body = candidates.body(asked, Filters(terms={"brand": ("Acme",)}), size=7)
    brand: Json = {"terms": {"brand": ["Acme"]}}
    arrow, stamp = body["query"]["bool"]["must"][0]["dis_max"]["queries"]
    assert body["query"]["bool"]["filter"] == [brand]
    assert arrow["function_score"]["weight"] == 1.0
    nearest: Json = {
        "knn": {
            "field": "images.arrow",
            "query_vector": [1.0, 0.0],
            "k": 24,
            "num_candidates": 100,
            "filter": [brand, {"bool": {"must_not": [EXTRA]}}],
        }
    }
    assert arrow["function_score"]["query"]["nested"]["query"] == {
        "bool": {"must": [nearest], "must_not": [EXTRA]}
    }
    # What proves the same file comes before any look-alike: every clause scores at most 1.
    assert stamp["function_score"]["weight"] == 8.0
    assert stamp["function_score"]["_name"] == "stamp:0"
    assert (body["size"], body["_source"]) == (7, {"exclude_vectors": False})


def test_no_question_brings_nothing() -> None:
    body = candidates.body([], Filters(), size=5)
    assert body["query"]["bool"]["must"] == [{"match_none": {}}]


def test_what_may_be_no_hit_is_kept_out_of_every_clause() -> None:
    filters = Filters(without=("a",), apart={"seller_id": ("s1",)})
    barred: Json = {
        "bool": {"must_not": [{"terms": {"seller_id": ["s1"]}}, {"terms": {"id": ["a"]}}]}
    }
    body = candidates.body([Question(Arrow(), [1.0, 0.0], "arrow:0")], filters, size=5)
    (arrow,) = body["query"]["bool"]["must"][0]["dis_max"]["queries"]
    assert body["query"]["bool"]["filter"] == [barred]
    (nearest,) = arrow["function_score"]["query"]["nested"]["query"]["bool"]["must"]
    assert nearest["knn"]["filter"] == [barred, {"bool": {"must_not": [EXTRA]}}]
