"""What the dashboards count, on documents whose figures are known."""

from collections.abc import Mapping

import pytest

from mappings.engine.gateway import Gateway
from tests.ops.kibana.conftest import RowsOf
from tests.ops.kibana.documents import SEARCHES


def test_zero_results_and_guesses_are_shares_of_the_searches(rows_of: RowsOf) -> None:
    found = [row for row in rows_of("shares") if row["doc_count"]]
    searched = sum(row["doc_count"] for row in found)
    assert searched == len(SEARCHES)
    for name, share in (("zero", 2 / 5), ("low", 2 / 5)):
        mean = sum(row[name]["value"] * row["doc_count"] for row in found) / searched
        assert mean == pytest.approx(share)


def test_durations_carry_the_percentiles_the_panel_names(rows_of: RowsOf) -> None:
    row = next(row for row in rows_of("took") if row["doc_count"])
    assert set(row["took"]["values"]) == {"50.0", "95.0"}


@pytest.mark.parametrize(
    ("key", "counts"),
    [
        ("words", {"red shoe": 2, "green hat": 2}),
        ("misses", {"green hat": 2}),
        ("guesses", {"red shoe": 1}),
        ("plans", {"words": 4, "exact": 1}),
        ("features", {"embedding": 1, "pdq": 1}),
        ("filters", {"brand": 5}),
        ("labels", {"same_photo": 3, "different": 1}),
        ("queues", {"duplicates": 4}),
        ("edits", {"cropped": 2, "mirrored": 1}),
        ("differences", {"goods": 1}),
        ("reviewers", {"mia": 3, "tom": 1}),
        ("brands", {"acme": 2, "bee": 1}),
        ("categories", {"home": 2, "toys": 1}),
        ("sellers", {"s1": 1}),
        ("availability", {"in_stock": 1}),
        ("sources", {"catalogue": 2, "region": 1, "placeholder": 1}),
        ("pending", {"ocr": 4}),
        ("clicked-queries", {"bear": 3}),
        ("bought-products", {"p1": 1, "gone": 1}),
        ("actions", {"impression": 4, "click": 3, "purchase": 2}),
        ("applications", {"shop-search": 9}),
        ("unknown-products", {"gone": 1}),
        ("missing", {"price": 2, "brand": 1, "category": 1, "a picture": 2}),
    ],
)
def test_panels_count_what_their_titles_say(
    key: str, counts: dict[str, int], rows_of: RowsOf
) -> None:
    assert {row["key"]: row["doc_count"] for row in rows_of(key)} == counts


def test_verdicts_are_counted_over_time(rows_of: RowsOf) -> None:
    verdicts = [inner["key"] for row in rows_of("verdicts") for inner in row["verdict"]["buckets"]]
    assert sorted(verdicts) == ["none", "same_file", "same_photo"]


def test_undone_decisions_are_a_share_of_all(rows_of: RowsOf) -> None:
    found = rows_of("undone")
    assert sum(row["doc_count"] for row in found) == 4
    assert sum(row["undone"]["doc_count"] for row in found) == 1


def test_decisions_are_counted_by_how_sure_the_check_was(rows_of: RowsOf) -> None:
    counts = {round(row["key"], 2): row["doc_count"] for row in rows_of("sureness")}
    assert {key: count for key, count in counts.items() if count} == {
        0.55: 1,
        0.8: 1,
        0.9: 1,
        0.95: 1,
    }


def test_prices_are_the_median_of_each_category(rows_of: RowsOf) -> None:
    medians = {row["key"]: row["price"]["values"]["50.0"] for row in rows_of("prices")}
    assert medians == {"home": pytest.approx(20.0), "toys": None}


@pytest.mark.parametrize(
    ("key", "rates"),
    [
        ("rate-by-category", {"Toys": (3, 2), "Home": (1, 1)}),
        ("rate-by-rank", {1: (2, 2), 2: (2, 1)}),
    ],
)
def test_click_rates_are_clicks_for_impressions(
    key: str, rates: dict[str, tuple[int, int]], rows_of: RowsOf
) -> None:
    found = {
        row["key"]: (row["seen"]["doc_count"], row["clicked"]["doc_count"]) for row in rows_of(key)
    }
    assert found == rates


def test_click_rates_of_variants_belong_to_their_experiment(rows_of: RowsOf) -> None:
    (experiment,) = rows_of("rate-by-variant")
    assert experiment["key"] == "ranking"
    clicks = {one["key"]: one["clicked"]["doc_count"] for one in experiment["variants"]["buckets"]}
    assert clicks == {"new": 2, "old": 1}


def test_revenue_is_price_times_quantity(rows_of: RowsOf) -> None:
    assert sum(row["revenue"]["value"] for row in rows_of("revenue")) == 10.0 * 3 + 5.0


def test_joined_and_known_are_shares_of_the_events(rows_of: RowsOf) -> None:
    found = [row for row in rows_of("joined") if row["doc_count"]]
    for name, count in (("joined", 7), ("known", 8)):
        assert sum(row[name]["value"] * row["doc_count"] for row in found) == pytest.approx(count)


def test_lateness_is_from_the_event_to_its_arrival(rows_of: RowsOf) -> None:
    found = [row["late"]["values"]["99.0"] for row in rows_of("lateness") if row["doc_count"]]
    assert max(found) == pytest.approx(60.0)
    assert min(found) == pytest.approx(1.0)


def test_a_second_click_on_one_hit_is_a_repeat(rows_of: RowsOf) -> None:
    found = [row for row in rows_of("repeats") if row["doc_count"]]
    assert [(row["doc_count"], row["single"]["value"]) for row in found] == [(2, 1), (1, 1)]


def test_events_without_a_client_are_counted(rows_of: RowsOf) -> None:
    assert sum(row["anonymous"]["doc_count"] for row in rows_of("anonymous")) == 1


def test_filters_can_be_counted_by_value(gateway: Gateway, indices: Mapping[str, str]) -> None:
    body = {"size": 0, "aggs": {"b": {"terms": {"field": "lookalike.query.filters.brand"}}}}
    answer = gateway._client.search(index=indices["search-health"], body=body)
    (bucket,) = answer["aggregations"]["b"]["buckets"]
    assert (bucket["key"], bucket["doc_count"]) == ("Acme", 5)
