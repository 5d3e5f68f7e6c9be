"""One hit a photo: what it means, on the real server."""

from dataclasses import replace

import pytest

from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.search.filters import Filters
from mappings.search.query import Query
from tests.support.arrow_products import EAST, EXACT, NORTH, arrow, ask, product


@pytest.fixture
def sellers(catalogue: Catalogue) -> Catalogue:
    """One photo at three sellers, another at two, a third alone."""
    catalogue.write(
        [
            product("a1", EAST, photo="a", brand="Acme", price=1.0),
            product("a2", EAST, photo="a", brand="Nord", price=2.0),
            product("a3", EAST, photo="a", brand="Nord", price=3.0),
            product("b1", [0.9, 0.1], photo="b", brand="Acme", price=4.0),
            product("b2", [0.9, 0.1], photo="b", brand="Nord", price=5.0),
            product("c1", NORTH, photo="c", brand="Acme", price=6.0),
            product("none", brand="Acme"),
            product("neither", brand="Acme"),
        ],
        refresh=True,
    )
    return catalogue


def test_one_photo_is_one_hit_with_the_number_of_the_others(
    sellers: Catalogue, registry: Registry
) -> None:
    query = Query(plan=EXACT, signals=(arrow(EAST, "0"),), collapse="photo", facets=("brand",))
    page = ask(sellers, query, registry)
    assert [(hit.id[0], hit.siblings) for hit in page.hits] == [("a", 2), ("b", 1), ("c", 0)]
    assert page.total == 6
    assert page.facets == ask(sellers, replace(query, collapse="none"), registry).facets


def test_filter_chooses_who_stands_for_a_photo(sellers: Catalogue, registry: Registry) -> None:
    nord = Filters(terms={"brand": ("Nord",)})
    query = Query(plan=EXACT, signals=(arrow(EAST, "0"),), filters=nord, collapse="photo")
    page = ask(sellers, query, registry)
    assert [(hit.id[0], hit.siblings) for hit in page.hits] == [("a", 1), ("b", 0)]
    assert {hit.product["brand"] for hit in page.hits} == {"Nord"}


def test_pages_of_photos_neither_overlap_nor_skip(sellers: Catalogue, registry: Registry) -> None:
    query = Query(plan=EXACT, signals=(arrow(EAST, "0"),), collapse="photo", size=1)
    seen, page = [], ask(sellers, query, registry)
    while page.skip is not None:
        seen += [hit.id[0] for hit in page.hits]
        page = ask(sellers, replace(query, skip=page.skip), registry)
    assert seen == ["a", "b", "c"]


def test_products_without_a_picture_are_not_one_photo(
    sellers: Catalogue, registry: Registry
) -> None:
    found = [
        ask(sellers, Query(plan=EXACT, words=words, collapse="photo"), registry).hits
        for words in ("none", "neither")
    ]
    assert [[hit.id for hit in hits] for hits in found] == [["none"], ["neither"]]


def test_group_can_be_asked_for(sellers: Catalogue, registry: Registry) -> None:
    group = Filters(terms={"photo_group": ("a-0",)})
    query = Query(plan=EXACT, signals=(arrow(EAST, "0"),), filters=group)
    assert {hit.id for hit in ask(sellers, query, registry).hits} == {"a1", "a2", "a3"}
