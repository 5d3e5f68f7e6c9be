"""The candidates' request: literal JSON, and the order it brings from the real server."""

from features.base import Json
from mappings.catalogue.catalogue import Catalogue
from mappings.search import candidates
from mappings.search.candidates import FeatureQuery
from mappings.search.filters import Filters
from tests.support.plain_features import Arrow, Stamp

COMPARED: Json = {"terms": {"images.source": ["catalogue", "bank", "part"]}}
"""Further views of a product are no listing's pictures."""


def test_each_question_is_a_clause_and_the_best_one_counts() -> None:
    asked = [FeatureQuery(Arrow(), [1.0, 0.0]), FeatureQuery(Stamp(), "x")]
    body = candidates.build_body(asked, Filters(terms={"brand": ("Acme",)}), size=7)
    brand: Json = {"terms": {"brand": ["Acme"]}}
    arrow, stamp = body["query"]["bool"]["must"][0]["dis_max"]["queries"]
    assert body["query"]["bool"]["filter"] == [brand]
    assert arrow["function_score"]["weight"] == 1.0
    nearest: Json = {
        "knn": {
            "field": "images.arrow",
            "query_vector": [1.0, 0.0],
            "k": 24,
            "num_candidates": 240,
            "filter": [brand, COMPARED],
        }
    }
    assert arrow["function_score"]["query"]["nested"]["query"] == {
        "bool": {"must": [nearest], "filter": [COMPARED]}
    }
    # What proves the same file comes before any look-alike: every clause scores at most 1.
    assert stamp["function_score"]["weight"] == 8.0
    # A name would have the clause run once more, to tell what nobody asks.
    assert "_name" not in arrow["function_score"]
    assert (body["size"], body["_source"]) == (7, {"exclude_vectors": False})


def test_no_question_brings_nothing() -> None:
    body = candidates.build_body([], Filters(), size=5)
    assert body["query"]["bool"]["must"] == [{"match_none": {}}]


def test_what_may_be_no_hit_is_kept_out_of_every_clause() -> None:
    filters = Filters(excluded_ids=("a",), excluded_terms={"seller_id": ("s1",)})
    barred: Json = {
        "bool": {"must_not": [{"terms": {"seller_id": ["s1"]}}, {"terms": {"id": ["a"]}}]}
    }
    body = candidates.build_body([FeatureQuery(Arrow(), [1.0, 0.0])], filters, size=5)
    (arrow,) = body["query"]["bool"]["must"][0]["dis_max"]["queries"]
    assert body["query"]["bool"]["filter"] == [barred]
    (nearest,) = arrow["function_score"]["query"]["nested"]["query"]["bool"]["must"]
    assert nearest["knn"]["filter"] == [barred, COMPARED]


def test_parts_of_pictures_take_no_candidates_place(catalogue: Catalogue) -> None:
    part = {"image_id": "p", "source": "region", "box": "0,0,0.5,1"}
    far = {"image_id": "q", "source": "catalogue", "arrow": [-1.0, 0.5]}
    # More parts than there are neighbours, each nearer than the one picture that is a candidate.
    documents = [
        {"id": f"part-{n}", "images": [far, {**part, "arrow": [1.0, 0.001 * n]}]} for n in range(40)
    ]
    whole = {"image_id": "w", "source": "catalogue", "arrow": [1.0, 1.0]}
    catalogue.write([*documents, {"id": "whole", "images": [whole]}], refresh=True)
    body = candidates.build_body([FeatureQuery(Arrow(), [1.0, 0.0])], Filters(), size=1)
    (first,) = catalogue.search(body)["hits"]["hits"]
    assert first["_source"]["id"] == "whole"
