"""Measuring is a command, and the end of a load that made the index another one."""

import math
import random

import pytest

from features.base import ApproximateSearch, Json
from features.registry import Registry
from features.vector import dense_vector_mapping
from indexer import measure as measuring
from indexer.measure import format_table, measure, measure_if_outgrown
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.recall import RecallFigure, RecallTable
from mappings.engine.gateway import Gateway
from tests.support.plain_features import Arrow, Stamp

REGISTRY = Registry([Arrow(), Stamp()])


@pytest.fixture
def catalogue(gateway: Gateway, alias: str) -> Catalogue:
    catalogue = Catalogue(gateway, REGISTRY, alias)
    catalogue.prepare()
    fill(catalogue, 0, 40)
    return catalogue


def fill(catalogue: Catalogue, start: int, end: int) -> None:
    pictures = [{"image_id": str(n), "arrow": [math.cos(n), math.sin(n)]} for n in range(end)]
    products = [{"id": str(n), "title": "", "images": [pictures[n]]} for n in range(start, end)]
    assert catalogue.write(products, refresh=True) == {}


def test_measurement_is_kept_and_says_how_far_it_is(
    catalogue: Catalogue, capsys: pytest.CaptureFixture[str]
) -> None:
    table = measure(catalogue, REGISTRY, queries=3, seconds=60)
    assert catalogue.recall_table() == table
    assert "measuring: 3 of 3 queries" in capsys.readouterr().err


def test_load_measures_only_what_has_outgrown_its_measurement(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure_if_outgrown(catalogue, REGISTRY)
    assert catalogue.recall_table() is None, "a small index is compared exactly"
    monkeypatch.setattr(measuring, "MIN_PICTURES", 20)
    monkeypatch.setattr(measuring.measurement, "QUERIES", 2)
    measure_if_outgrown(catalogue, REGISTRY)
    first = catalogue.recall_table()
    assert first is not None
    assert first.pictures == 40
    fill(catalogue, 40, 60)
    measure_if_outgrown(catalogue, REGISTRY)
    assert catalogue.recall_table() == first
    fill(catalogue, 60, 61)
    measure_if_outgrown(catalogue, REGISTRY)
    second = catalogue.recall_table()
    assert second is not None
    assert second.pictures == 61


def test_table_is_readable() -> None:
    figures = (
        RecallFigure(1.0, None, 1.0, 0.9985, 12, 20),
        RecallFigure(0.001, ApproximateSearch(200, 2000, 10), 0.9912, 0.9876, 3, 5),
    )
    assert format_table(RecallTable("now", 1000, 1200, 50, {"look": figures})).splitlines() == [
        "1,000 products, 1,200 pictures, 50 queries, now",
        "",
        "look                    filter keeps  recall@10  at least  p50 ms  p95 ms",
        "exact                         100.0%     1.0000    0.9985      12      20",
        "2000 candidates, × 10           0.1%     0.9912    0.9876       3       5",
    ]


class CodedArrow(Arrow):
    """An arrow of which the index keeps one-bit codes."""

    def mapping(self) -> Json:
        return dense_vector_mapping(64, "bbq_flat")


def test_index_of_codes_that_has_grown_large_keeps_them_in_a_graph(
    gateway: Gateway,
    alias: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    registry = Registry([CodedArrow(), Stamp()])
    catalogue = Catalogue(gateway, registry, alias)
    catalogue.prepare()
    chance = random.Random(3)

    def fill_coded(start: int, end: int) -> None:
        arrows = [[chance.gauss(0, 1) for _ in range(64)] for _ in range(start, end)]
        products = [
            {"id": str(row), "title": "", "images": [{"image_id": str(row), "arrow": arrow}]}
            for row, arrow in enumerate(arrows, start)
        ]
        assert catalogue.write(products, refresh=True) == {}

    def kept() -> str:
        pictures = gateway.properties(alias)["images"]["properties"]
        return str(pictures["arrow"]["index_options"]["type"])

    fill_coded(0, 60)
    measure_if_outgrown(catalogue, registry)
    assert kept() == "bbq_flat"
    monkeypatch.setattr(measuring, "GRAPH_FROM", 50)
    monkeypatch.setattr(measuring.measurement, "QUERIES", 3)
    measure_if_outgrown(catalogue, registry)
    assert kept() == "bbq_hnsw"
    assert "60 pictures: arrow is kept in a graph" in capsys.readouterr().err
    catalogue.check_features()
    fill_coded(60, 90)
    table = measure(catalogue, registry, queries=5, seconds=60)
    assert min(figure.recall for figure in table.figures["arrow"]) >= 0.9
    measure_if_outgrown(catalogue, registry)
    assert "graph" not in capsys.readouterr().err
