"""The planner's choice, held against literals."""

import pytest

from features.base import ApproximateSearch
from mappings.catalogue.recall import RecallFigure, RecallTable
from mappings.planning.planner import Planner
from mappings.planning.statistics import Bounds, IndexStatistics
from mappings.search.plan import Plan

FEW, MANY = ApproximateSearch(200, 200), ApproximateSearch(800, 800)
LOOK = ("look",)
OUTGROWN = "the index has outgrown its measurement (python -m indexer measure)"

FIGURES = (
    RecallFigure(1.0, None, 1.0, 0.998, 60, 70),
    RecallFigure(1.0, FEW, 0.999, 0.995, 4, 6),
    RecallFigure(1.0, MANY, 1.0, 0.998, 9, 12),
    RecallFigure(0.1, None, 1.0, 0.998, 30, 40),
    RecallFigure(0.1, FEW, 0.97, 0.93, 5, 8),
    RecallFigure(0.1, MANY, 0.999, 0.994, 11, 15),
    RecallFigure(0.01, None, 1.0, 0.998, 7, 9),
    RecallFigure(0.01, FEW, 0.8, 0.7, 5, 7),
    RecallFigure(0.01, MANY, 0.97, 0.95, 12, 18),
)


def statistics(
    figures: tuple[RecallFigure, ...] = FIGURES, *, pictures: int = 1_000_000
) -> IndexStatistics:
    table = RecallTable("2026-11-21T18:00:00+00:00", 1_000_000, 1_000_000, 200, {"look": figures})
    return IndexStatistics(products=1_000_000, pictures=pictures, recall=table)


def choose_plan(bounds: Bounds, size: int = 20, promised: float = 0.99) -> Plan:
    return Planner(statistics(), LOOK, size=size, promised=promised).plan(bounds)


@pytest.mark.parametrize(
    ("kept", "way"),
    [
        (1_000_000, FEW),  # the cheapest of two that keep the promise
        (300_000, MANY),  # between two measured shares the promise must hold at both
        (100_000, MANY),
        (50_000, None),  # the graph keeps it at a tenth, but not at a hundredth
        (10_000, None),
        (10, None),
        (0, None),
    ],
)
def test_cheapest_way_that_keeps_the_promise_is_choose_plan(
    kept: int, way: ApproximateSearch | None
) -> None:
    plan = choose_plan(Bounds(kept, kept))
    assert plan.approximate == way
    assert plan.kind == ("approximate" if way else "exact")
    assert plan.estimated_products == kept


@pytest.mark.parametrize(("lower_bound", "kind"), [(0.994, "exact"), (0.996, "approximate")])
def test_lower_bound_of_recall_must_keep_the_promise(lower_bound: float, kind: str) -> None:
    # The mean is above the promise either way.
    figures = (
        RecallFigure(1.0, None, 1.0, 0.998, 60, 70),
        RecallFigure(1.0, MANY, 0.999, lower_bound, 9, 12),
    )
    planner = Planner(statistics(figures), LOOK, size=20, promised=0.995)
    assert planner.plan(Bounds(1_000_000, 1_000_000)).kind == kind


def test_lower_promise_is_kept_by_fewer_candidates() -> None:
    assert choose_plan(Bounds(100_000, 100_000), promised=0.9).approximate == FEW
    assert choose_plan(Bounds(1_000_000, 1_000_000), promised=1.0).kind == "exact"


def test_plan_says_what_was_measured_and_why() -> None:
    plan = choose_plan(Bounds(300_000, 300_000))
    assert plan == Plan(
        "approximate",
        300_000,
        MANY,
        0.99,
        RecallFigure(0.1, MANY, 0.999, 0.994, 11, 15),
        "the cheapest measured method to find 0.99 of the nearest or more: "
        "0.994 at least, p95 15 ms",
    )


def test_long_page_asks_for_more_neighbours() -> None:
    assert choose_plan(Bounds(1_000_000, 1_000_000), size=50).approximate == FEW
    assert choose_plan(Bounds(1_000_000, 1_000_000), size=51).approximate == MANY
    assert choose_plan(Bounds(1_000_000, 1_000_000), size=201).kind == "exact"


def test_quick_exact_comparison_is_not_given_up() -> None:
    quick = (RecallFigure(1.0, None, 1.0, 0.998, 4, 5), RecallFigure(1.0, FEW, 1.0, 0.998, 1, 1))
    plan = Planner(statistics(quick), LOOK, size=20).plan(Bounds(1_000_000, 1_000_000))
    assert (plan.kind, plan.reason) == (
        "exact", "comparing with every picture is quick here: p95 5 ms",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("index", "why"),
    [
        (
            IndexStatistics(5, 5),
            "this index's recall was never measured (python -m indexer measure)",
        ),
        (statistics(pictures=1_600_000), OUTGROWN),
        (statistics(pictures=600_000), OUTGROWN),
    ],
    ids=["never", "grown", "shrunk"],
)
def test_what_was_not_measured_is_compared_exactly(index: IndexStatistics, why: str) -> None:
    planner = Planner(index, LOOK, size=20)
    assert not planner.is_worth_counting(Bounds(0, 5))
    assert planner.plan(Bounds(0, 5)) == Plan("exact", 5, None, 0.99, None, why)


def test_feature_that_was_not_measured_makes_the_whole_search_exact() -> None:
    assert Planner(statistics(), ("look", "other"), size=20).plan(Bounds(9, 9)).kind == "exact"


def test_table_without_figures_is_no_measurement() -> None:
    plan = Planner(statistics(figures=()), LOOK, size=20).plan(Bounds(10, 10))
    assert (plan.kind, plan.figure) == ("exact", None)


def test_search_without_any_graph_is_exact() -> None:
    plan = Planner(statistics(), (), size=20).plan(Bounds(1_000_000, 1_000_000))
    assert (plan.kind, plan.reason) == ("exact", "no feature of this search has a graph")


@pytest.mark.parametrize(
    ("bounds", "worth"),
    [
        (Bounds(1_000_000, 1_000_000), False),  # known already
        (Bounds(0, 1_000_000), True),  # from exact comparison of all to a walk of 6 ms
        (Bounds(0, 9_000), False),  # exact whatever the count says
        (Bounds(0, 60_000), True),  # 40 ms exact, or 15 by the graph
        (Bounds(100_000, 1_000_000), True),  # 15 ms, or 6
    ],
)
def test_set_is_counted_only_where_that_can_save_time(bounds: Bounds, worth: bool) -> None:
    assert Planner(statistics(), LOOK, size=20).is_worth_counting(bounds) is worth


def test_unknown_size_gets_a_way_that_holds_for_every_size() -> None:
    assert choose_plan(Bounds(0, 1_000_000)).kind == "exact"
    assert choose_plan(Bounds(100_000, 1_000_000)).approximate == MANY
