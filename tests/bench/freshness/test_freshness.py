"""The benches of changes find what they have written, and count what differs."""

from bench.freshness.statements import DeliveredStatement, Statement, expected_product
from tests.bench.conftest import Run


def test_every_change_is_found_as_it_was_written(run: Run) -> None:
    figures = run("freshness", "--products", 3, "--changes", 2, "--rate", 0)
    assert figures["not_as_written"]["figure"] == 0
    assert figures["patch_p95"]["limit"] == "<= 1.2"


def test_an_index_ends_as_its_sources_although_writers_are_killed(run: Run) -> None:
    figures = run(
        "convergence", "--changes", 300, "--products", 20, "--kills", 2, "--late-after", 0
    )
    wrong = ("differing", "missing", "brought_back", "of_no_source")
    assert {name: figures[name]["figure"] for name in wrong} == dict.fromkeys(wrong, 0)
    assert figures["products_present"]["figure"] > 0


def test_what_is_expected_follows_from_the_deliveries_alone() -> None:
    first = Statement("put", "p", {"title": "cup", "stock": 1}, 1, 1)
    price = Statement("patch", "p", {"price": 2.0}, version=3)
    second = Statement("put", "p", {"title": "mug", "stock": 2}, 2, 2)
    counted = Statement("patch", "p", {"stock": 9})
    end = Statement("delete", "p", version=4)
    said = [DeliveredStatement(one, n) for n, one in enumerate((first, price, counted, second), 1)]
    mug = {"id": "p", "picture": 2, "title": "mug", "price": 2.0}
    assert expected_product("p", said) == {**mug, "stock": 2}
    assert expected_product("p", [*said, DeliveredStatement(counted, 5)]) == {**mug, "stock": 9}
    assert expected_product("p", [DeliveredStatement(end, 0), *said]) is None
