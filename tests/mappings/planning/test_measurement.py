"""The index's own recall and cost, measured on the real server."""

import random
from dataclasses import replace

import pytest

from features.base import ApproximateSearch, ClauseContext, Json
from features.registry import Registry
from features.vector import HNSW
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.recall import RecallTable
from mappings.planning import measurement
from mappings.planning.measurement import MeasurementTally, RandomFilters, measure
from mappings.planning.statistics import count_body
from mappings.search.filters import Filters
from tests.support.plain_features import Arrow, Stamp

PRODUCTS = 400


DIMS = 16
"""In two dimensions, 2 graphs of 25 left an arrow that no walk reached; in sixteen, none of 120."""


class WholeArrow(Arrow):
    """An arrow in more dimensions, whose vectors are kept as they are."""

    def mapping(self) -> Json:
        options = {"type": "hnsw", **HNSW}
        return {**super().mapping(), "dims": DIMS, "index_options": options}


class LostArrow(WholeArrow):
    """An arrow whose graph finds one neighbour in ten, however many it is asked for."""

    def clause(self, value: Json, context: ClauseContext) -> Json:
        fewer = ApproximateSearch(1, 1) if context.approximate else None
        return super().clause(value, replace(context, approximate=fewer))


@pytest.fixture
def registry() -> Registry:
    return Registry([WholeArrow(), Stamp()])


@pytest.fixture
def filled(catalogue: Catalogue) -> Catalogue:
    chance = random.Random(5)
    arrows = [[chance.gauss(0, 1) for _ in range(DIMS)] for _ in range(PRODUCTS)]
    products = [
        {
            "id": str(number),
            "title": "",
            # Half of the products each: one side of the sphere, and the other.
            "brand": "upper" if arrow[0] > 0 else "lower",
            "images": [{"image_id": str(number), "arrow": arrow}],
        }
        for number, arrow in enumerate(arrows)
    ]
    assert catalogue.write(products, refresh=True) == {}
    return catalogue


def test_every_way_is_measured_where_enough_products_are_kept(
    filled: Catalogue, registry: Registry
) -> None:
    told: list[tuple[int, int]] = []
    table = measure(filled, registry, queries=5, tell=lambda *n: told.append(n))
    assert (table.products, table.pictures, table.queries) == (PRODUCTS, PRODUCTS, 5)
    assert told == [(n, 5) for n in range(1, 6)]
    figures = table.figures["arrow"]
    # Of 400 products, 1 % would be fewer than the ten that recall is told of.
    assert {f.share for f in figures} == {1.0, 0.5, 0.1}
    assert {f.method for f in figures} == {None, *measurement.FLOAT_METHODS}
    assert all(f.recall == 1.0 for f in figures)
    assert all(0.9 < f.at_least < 1 for f in figures)
    assert all(0 <= f.p50_ms <= f.p95_ms for f in figures)


def test_graph_that_loses_the_neighbours_is_found_out(filled: Catalogue) -> None:
    table = measure(filled, Registry([LostArrow(), Stamp()]), queries=4)
    for figure in table.figures["arrow"]:
        assert figure.recall == pytest.approx(1.0 if figure.method is None else 0.1)


def test_late_measurement_ends_with_what_it_has(filled: Catalogue, registry: Registry) -> None:
    assert measure(filled, registry, queries=50, seconds=0).figures == {}


def test_empty_index_has_nothing_to_measure(catalogue: Catalogue, registry: Registry) -> None:
    assert measure(catalogue, registry).figures == {}


def test_table_stays_in_the_index_beside_all_else(filled: Catalogue, registry: Registry) -> None:
    assert filled.recall_table() is None
    table = measure(filled, registry, queries=4)
    filled.store_recall_table(table)
    assert filled.recall_table() == table
    filled.check_features()  # the features' block is still there
    later = replace(table, queries=9)
    filled.store_recall_table(later)
    assert filled.recall_table() == later


def test_random_filter_keeps_its_share_ever_the_same(filled: Catalogue) -> None:
    def kept(filters: Filters) -> int:
        return int(filled.search(count_body(filters))["hits"]["total"]["value"])

    assert kept(RandomFilters(share=0.1, seed=1)) == kept(RandomFilters(share=0.1, seed=1))
    assert 15 < kept(RandomFilters(share=0.1, seed=1)) < 75
    assert 160 < kept(RandomFilters(share=0.5, seed=1)) < 240


def test_vectors_without_a_graph_are_not_measured() -> None:
    class Plain(Arrow):
        def mapping(self) -> Json:
            return {**super().mapping(), "index": False}

    assert list(measurement.features_with_graph(Registry([Plain(), Stamp()]))) == []
    assert list(measurement.features_with_graph(Registry([Arrow(), Stamp()]))) == ["arrow"]


def test_least_favourable_kind_of_filter_decides() -> None:
    way = ApproximateSearch(200, 200)
    good, bad = [1.0] * 100, [0.5] * 100
    mixed = MeasurementTally({"inside": good, "outside": bad}, [1, 2, 3, 4]).figure(0.1, way)
    assert (mixed.recall, mixed.p50_ms, mixed.p95_ms) == (0.75, 2, 4)
    assert mixed.at_least < 0.5
    # Five questions of a kind prove nothing alone.
    few = MeasurementTally({"inside": good, "outside": [0.5] * 5}, [1]).figure(0.1, way)
    assert few.at_least > 0.9


def test_rounded_vectors_are_compared_once_more(filled: Catalogue) -> None:
    table: RecallTable = measure(filled, Registry([Arrow(), Stamp()]), queries=4)
    assert {f.method for f in table.figures["arrow"]} == {None, *measurement.QUANTISED_METHODS}
