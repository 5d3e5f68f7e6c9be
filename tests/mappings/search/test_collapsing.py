"""How many hits there are where a hit stands for a product's variants."""

import pytest

from features.base import Json
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.variant_group import card_group, variant_group
from mappings.search import request_body as queries
from mappings.search import results
from mappings.search.collapsing import EXACT_GROUPS
from mappings.search.filters import Filters
from mappings.search.plan import Plan
from mappings.search.query import Query, Signal
from tests.support.plain_features import Arrow

EXACT, WORDS, BROWSE = Plan("exact", 9), Plan("words", 9), Plan("browse", 9)


def product(key: str, group: str = "", photo: str = "", brand: str = "Acme") -> Json:
    picture = {"image_id": photo or key, "width": 1, "height": 1, "source": "catalogue",
               "arrow": [1.0, 0.0]}  # fmt: skip
    grouped = {"item_group_id": group} if group else {}
    return {"id": key, "title": "mug", "brand": brand, "images": [picture], **grouped}


@pytest.fixture
def shop(catalogue: Catalogue) -> Catalogue:
    catalogue.write(
        [
            product("1", "M1"), product("2", "m1 "), product("3", "M1", brand="Nord"),
            product("4", "M2", "p"), product("5", "M3", "p"),
            product("6", "", "q"), product("7", "", "q"), product("8"),
        ],
        refresh=True,
    )  # fmt: skip
    return catalogue


def ask(shop: Catalogue, query: Query, registry: Registry) -> results.Results:
    return results.read_results(shop.search(queries.build_body(query, registry)), query)


SEARCHES = (
    Query(WORDS, words="mug"),
    Query(BROWSE, browse=True),
    Query(EXACT, signals=(Signal(Arrow(), [1.0, 0.0], 1.0),)),
)


@pytest.mark.parametrize("search", SEARCHES, ids=["words", "browse", "picture"])
@pytest.mark.parametrize(
    ("collapse", "shown", "total"),
    [
        ("none", 8, 8),
        ("group", 6, 6),
        # Products that show one photo are counted one by one.
        ("photo", 6, 8),
        ("group_or_photo", 5, 6),
    ],
)
def test_total_counts_variants_once(
    shop: Catalogue, registry: Registry, search: Query, collapse: str, shown: int, total: int
) -> None:
    query = Query(search.plan, search.signals, search.words, browse=search.browse,
                  collapse=collapse)  # fmt: skip
    page = ask(shop, query, registry)
    assert (len(page.hits), page.total, page.products) == (shown, total, 8)
    assert page.is_total_exact


def test_total_is_under_the_filters_of_counted_fields_too(
    shop: Catalogue, registry: Registry
) -> None:
    filters = Filters({"brand": ("Nord",)})
    query = Query(WORDS, words="mug", filters=filters, facets=("brand",), collapse="group")
    page = ask(shop, query, registry)
    assert ([hit.id for hit in page.hits], page.total, page.products) == (["3"], 1, 1)
    assert page.facets["brand"] == [{"value": "acme", "count": 7}, {"value": "nord", "count": 1}]


def test_siblings_are_counted_of_products_that_stand_for_a_photo_only(
    shop: Catalogue, registry: Registry
) -> None:
    page = ask(shop, Query(WORDS, words="mug", collapse="group_or_photo"), registry)
    assert {hit.id: hit.siblings for hit in page.hits} == {"1": 0, "4": 0, "5": 0, "6": 1, "8": 0}


def test_many_groups_are_estimated_and_the_answer_says_so(
    catalogue: Catalogue, registry: Registry
) -> None:
    count = EXACT_GROUPS + 500
    catalogue.write(
        [product(f"{number}", f"G{number // 2}") for number in range(2 * count)], refresh=True
    )
    page = ask(catalogue, Query(BROWSE, browse=True, collapse="group"), registry)
    assert not page.is_total_exact
    assert page.total == pytest.approx(count, rel=0.01)


def test_products_of_one_id_in_another_case_are_two_products() -> None:
    assert variant_group({"id": "a"}) != variant_group({"id": "A"})


def test_group_is_one_in_any_case_width_and_spacing() -> None:
    groups = {variant_group({"id": i, "item_group_id": g}) for i, g in enumerate(("Ｈ1 ", "h1"))}
    assert groups == {"group:h1"}


def test_card_without_a_group_is_that_of_its_photo() -> None:
    product = {"id": "1", "images": [{"image_id": "abc"}]}
    assert card_group(product) == "abc"
    assert card_group({**product, "item_group_id": "g"}) == "group:g"


@pytest.mark.parametrize("empty", ["", "  ", None])
def test_empty_group_is_none(empty: str | None) -> None:
    assert variant_group({"id": "1", "item_group_id": empty}) == "product:1"
