"""Several pictures and negative examples: what they mean, on the real server."""

import json
import math
from dataclasses import replace

import pytest

from features.base import ApproximateSearch
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.scale import Scale
from mappings.search import request_body as queries
from mappings.search import results
from mappings.search.plan import Plan
from mappings.search.query import Query, Signal
from tests.support.arrow_products import EAST, EXACT, NORTH, WEST, arrow, ask, product
from tests.support.plain_features import Stamp

GRAPH = Plan("approximate", 4, ApproximateSearch(k=1, num_candidates=4))


class CostlyStamp(Stamp):
    """A stamp that is dear to ask twice."""

    is_expensive_query = True


BOTH = (arrow(EAST, "0"), arrow(NORTH, "1"))


@pytest.fixture
def shop(catalogue: Catalogue) -> Catalogue:
    """Four products: in the directions their names say, and one between two of them."""
    refused = catalogue.write(
        [
            product("east", EAST, brand="Acme"),
            product("north", NORTH, brand="Acme"),
            product("northeast", [0.6, 0.8], brand="Nord"),
            product("west", [-1.0, 0.0], brand="Nord"),
        ],
        refresh=True,
    )
    assert refused == {}
    return catalogue


def scores(page: results.Results) -> dict[str, float]:
    return {hit.id: hit.score for hit in page.hits}


def test_any_scores_by_the_best_picture(shop: Catalogue, registry: Registry) -> None:
    page = ask(shop, Query(plan=EXACT, signals=BOTH, combine="any"), registry)
    expected = {"east": 1, "north": 1, "northeast": 0.9, "west": 0.5}
    assert scores(page) == pytest.approx(expected, abs=1e-4)


def test_all_scores_by_the_worst_picture_and_leaves_out_what_one_denies(
    shop: Catalogue, registry: Registry
) -> None:
    page = ask(shop, Query(plan=EXACT, signals=BOTH, combine="all"), registry)
    assert [hit.id for hit in page.hits] == ["northeast", "east", "north"]
    assert scores(page) == pytest.approx({"northeast": 0.8, "east": 0.5, "north": 0.5}, abs=1e-4)


def test_average_scores_by_the_mean(shop: Catalogue, registry: Registry) -> None:
    page = ask(shop, Query(plan=EXACT, signals=BOTH), registry)
    expected = {"east": 0.75, "north": 0.75, "northeast": 0.85, "west": 0.25}
    assert scores(page) == pytest.approx(expected, abs=1e-4)


def test_all_over_a_graph_compares_every_neighbour_with_every_picture(
    shop: Catalogue, registry: Registry
) -> None:
    """Neither picture's only neighbour is the other's; both are compared with both."""
    page = ask(shop, Query(plan=GRAPH, signals=BOTH, combine="all"), registry)
    assert scores(page) == pytest.approx({"east": 0.5, "north": 0.5}, abs=1e-4)


def test_any_takes_each_picture_by_its_own_weights(shop: Catalogue, registry: Registry) -> None:
    signals = (arrow(EAST, "0"), Signal(Stamp(), "gold", 1.0, "0"), arrow(NORTH, "1"))
    page = ask(shop, Query(plan=EXACT, signals=signals, combine="any"), registry)
    assert scores(page)["north"] == pytest.approx(1, abs=1e-4)
    assert scores(page)["east"] == pytest.approx(0.5, abs=1e-4)


def test_any_shows_the_picture_that_the_best_query_picture_matched(
    catalogue: Catalogue, registry: Registry
) -> None:
    catalogue.write([product("both", [0.8, 0.6], [0.0, 1.0])], refresh=True)
    page = ask(catalogue, Query(plan=EXACT, signals=BOTH, combine="any"), registry)
    assert page.hits[0].image_id == "both-1"


def test_words_weigh_beside_all_pictures_together(shop: Catalogue, registry: Registry) -> None:
    for combine in ("average", "any", "all"):
        query = Query(plan=EXACT, signals=BOTH, combine=combine, words="northeast", words_weight=2)
        first, *others = ask(shop, query, registry).hits
        assert first.id == "northeast"
        assert 0 <= min(hit.score for hit in others) <= first.score <= 1
        assert first.signals["text"]["score"] > 0


def test_negative_example_lowers_what_is_like_it(shop: Catalogue, registry: Registry) -> None:
    query = Query(
        plan=EXACT, signals=(arrow([0.6, 0.8], "0"),), unlike=(arrow(EAST, "unlike 0"),),
        unlike_weight=0.5,
    )  # fmt: skip
    page = ask(shop, query, registry)
    # (P + u (1 - N)) / (1 + u), both cosines brought to 0 ... 1
    expected = {
        "northeast": (1 + 0.5 * (1 - 0.8)) / 1.5,
        "north": (0.9 + 0.5 * (1 - 0.5)) / 1.5,
        "east": (0.8 + 0.5 * (1 - 1)) / 1.5,
        "west": (0.2 + 0.5 * (1 - 0)) / 1.5,
    }
    assert scores(page) == pytest.approx(expected, abs=1e-4)
    assert [hit.id for hit in page.hits] == ["north", "northeast", "east", "west"]
    assert page.hits[0].unlike["arrow"]["cosine"] == pytest.approx(0, abs=1e-3)
    assert page.hits[0].signals["arrow"]["cosine"] == pytest.approx(0.8, abs=1e-3)


def test_of_several_negative_examples_the_nearest_counts(
    shop: Catalogue, registry: Registry
) -> None:
    unlike = (arrow(EAST, "unlike 0"), arrow([-1.0, 0.0], "unlike 1"))
    query = Query(plan=EXACT, signals=(arrow(NORTH, "0"),), unlike=unlike, unlike_weight=1)
    found = scores(ask(shop, query, registry))
    assert found["east"] == pytest.approx(found["west"], abs=1e-4)
    assert found["east"] == pytest.approx((0.5 + 0) / 2, abs=1e-4)


def test_unlikeness_alone_finds_nothing(shop: Catalogue, registry: Registry) -> None:
    query = Query(plan=EXACT, words="mug", unlike=(arrow(EAST, "unlike 0"),))
    unlike = {hit.id for hit in ask(shop, query, registry).hits}
    alone = {hit.id for hit in ask(shop, replace(query, unlike=()), registry).hits}
    assert unlike == alone


def test_negative_examples_are_compared_exactly_over_a_graph(
    shop: Catalogue, registry: Registry
) -> None:
    plan = Plan("approximate", 4, ApproximateSearch(k=3, num_candidates=4))
    query = Query(plan=EXACT, signals=(arrow(NORTH, "0"),), unlike=(arrow(EAST, "unlike 0"),))
    exact, graph = ask(shop, query, registry), ask(shop, replace(query, plan=plan), registry)
    assert scores(graph) == pytest.approx({k: scores(exact)[k] for k in scores(graph)}, abs=1e-4)
    assert len(graph.hits) == 3


@pytest.mark.parametrize("combine", ["average", "any", "all"])
def test_no_combination_leaves_the_unit_interval(
    shop: Catalogue, registry: Registry, combine: str
) -> None:
    query = Query(
        plan=EXACT, signals=BOTH, combine=combine, words="mug", words_weight=3,
        unlike=(arrow(EAST, "unlike 0"), arrow([-1.0, 0.0], "unlike 1")), unlike_weight=1000,
    )  # fmt: skip
    assert all(0 <= hit.score <= 1 for hit in ask(shop, query, registry).hits)


def test_clause_without_a_name_tells_its_score_all_the_same(
    catalogue: Catalogue, registry: Registry
) -> None:
    documents = [
        product("plain", [0.6, 0.8]),
        product("golden", [0.8, 0.6]),
        product("only golden", WEST),
    ]
    for golden in documents[1:]:
        golden["images"][0]["stamp"] = {"names": "gold"}
    assert catalogue.write(documents, refresh=True) == {}
    told, asked = {}, {}
    for stamp in (Stamp(), CostlyStamp()):
        query = Query(
            EXACT,
            (arrow(EAST, "0", 3.0), Signal(stamp, "gold", 0.5)),
            words="mug",
            words_weight=0.25,
            size=5,
        )
        asked[stamp] = json.dumps(queries.build_body(query, registry))
        told[stamp] = ask(catalogue, query, registry)
    named, unnamed = told.values()
    assert ['"_name": "stamp:0"' in body for body in asked.values()] == [True, False]
    assert [hit.id for hit in unnamed.hits] == [hit.id for hit in named.hits]
    for hit, other in zip(unnamed.hits, named.hits, strict=True):
        assert hit.score == other.score
        assert hit.signals.keys() == other.signals.keys()
        for name, signal in hit.signals.items():
            assert signal == pytest.approx(other.signals[name], abs=2e-6)
    assert "stamp" not in next(hit for hit in unnamed.hits if hit.id == "plain").signals


@pytest.mark.parametrize("combine", ["any", "all"])
def test_costly_clause_keeps_its_name_where_the_score_is_no_sum(
    registry: Registry, combine: str
) -> None:
    stamp = Signal(CostlyStamp(), "gold", 1.0)
    several = Query(EXACT, (*BOTH, stamp), size=5, combine=combine)
    unlike = Query(EXACT, (stamp,), size=5, unlike=(arrow(EAST, "2"),))
    for query in (several, unlike):
        assert '"_name": "stamp:0"' in json.dumps(queries.build_body(query, registry))


def test_shares_say_what_speaks_for_a_hit(shop: Catalogue, registry: Registry) -> None:
    query = Query(plan=EXACT, signals=(arrow(EAST, "0", 3.0),), words="east", words_weight=1)
    hit = ask(shop, query, registry).hits[0]
    text = hit.signals["text"]["score"]
    assert hit.signals["arrow"]["share"] == pytest.approx(3 / (3 + text), abs=1e-3)
    assert sum(signal["share"] for signal in hit.signals.values()) == pytest.approx(1, abs=1e-3)


def logistic(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


@pytest.mark.parametrize("combine", ["any", "all"])
def test_calibrated_score_is_the_logistic_of_the_weighted_sum(
    shop: Catalogue, registry: Registry, combine: str
) -> None:
    scale = Scale("probability", bias=-5.0, total=10.0)
    signals = (arrow(EAST, "0", 8.0), arrow(NORTH, "1", 8.0))
    query = Query(plan=EXACT, signals=signals, combine=combine, scale=scale)
    found = scores(ask(shop, query, registry))
    best, worst = {"any": (1.0, 0.9), "all": (0.5, 0.8)}[combine]
    assert found["east"] == pytest.approx(logistic(8 * best - 5), abs=1e-4)
    assert found["northeast"] == pytest.approx(logistic(8 * worst - 5), abs=1e-4)


def test_lowest_score_is_on_the_scale_that_is_shown(shop: Catalogue, registry: Registry) -> None:
    scale = Scale("probability", bias=-5.0, total=8.0)
    query = Query(plan=EXACT, signals=(arrow(EAST, "0", 8.0),), scale=scale)
    every = ask(shop, query, registry).hits
    for hit in every:
        cut = ask(shop, replace(query, min_score=max(0.0, hit.score - 1e-6)), registry)
        assert [one.id for one in cut.hits] == [o.id for o in every if o.score >= hit.score]
    assert ask(shop, replace(query, min_score=1.0), registry).total == 0
