"""Filters beside the results: order, folding, and the addresses that take them back."""

from app.contract.request_reading import validate
from app.pages import address, facets, language
from app.pages.facets import VALUES_IN_SIGHT, Facet
from app.search.cursor import Cursor
from app.search.search_parameters import SearchParameters

ENGLISH = language.language("en")
NOTHING = SearchParameters()


def counted(*values: tuple[str, int]) -> list[dict[str, object]]:
    return [{"value": value, "count": count} for value, count in values]


def shown(name: str, *values: tuple[str, int], **given: object) -> Facet:
    (facet,) = facets.facets({name: counted(*values)}, validate(given, SearchParameters), ENGLISH)
    return facet


def test_small_tree_is_shown_whole_each_branch_below_its_own() -> None:
    facet = shown("category", ("Home", 9), ("Toys", 4), ("Home > Mugs", 5), ("Home > Rugs", 4))
    assert [(c.label, c.depth) for c in facet.choices] == [
        ("Home", 0),
        ("Mugs", 1),
        ("Rugs", 1),
        ("Toys", 0),
    ]
    assert facet.more == []


def test_large_tree_shows_its_tops_and_names_the_rest_in_full() -> None:
    branches = [(f"Home > Kind {n} > Sort", 1) for n in range(VALUES_IN_SIGHT)]
    facet = shown("category", ("Home", 90), ("Toys", 4), ("Home > Kind 0", 3), *branches)
    assert [choice.label for choice in facet.choices] == ["Home", "Toys"]
    assert [(c.label, c.depth) for c in facet.more[:3]] == [
        ("Home › Kind 0", 0),
        ("Sort", 1),
        ("Home › Kind 1 › Sort", 0),
    ]


def test_chosen_value_is_in_sight_even_when_nothing_has_it() -> None:
    brands = [(f"Brand {n}", 99 - n) for n in range(VALUES_IN_SIGHT + 3)]
    facet = shown("brand", *brands, filter={"brand": ["Brand 10", "Gone"]})
    assert [c.value for c in facet.choices if c.selected] == ["Brand 10", "Gone"]
    assert len(facet.choices) == VALUES_IN_SIGHT + 2


def test_facet_with_a_single_value_is_left_out() -> None:
    one = {"availability": counted(("in_stock", 9))}
    assert list(facets.facets(one, NOTHING, ENGLISH)) == []


def test_facets_stand_in_our_order_whatever_the_engine_answers() -> None:
    two = counted(("a", 1), ("b", 1))
    names = ["size", "picture_colour", "category", "brand"]
    answered = facets.facets(dict.fromkeys(names, two), NOTHING, ENGLISH)
    assert [facet.name for facet in answered] == ["category", "brand", "picture_colour", "size"]


def test_address_keeps_everything_a_search_asks() -> None:
    asked = {
        "q": "red & blue",
        "filter": {"brand": ["A&B", "C"]},
        "price_min": 1234567.5,
        "weight": {"colour": 1.0},
        "size": 12,
        "collapse": "group_or_photo",
        "alike_only": True,
        "cursor": Cursor().encode(),
    }
    here = address.address_of(validate(asked, SearchParameters), "P" * 22)
    assert here.url == (
        f"/search?q=red+%26+blue&picture={'P' * 22}&filter=brand%3AA%26B&filter=brand%3AC"
        "&price_min=1234567.5&weight=colour%3A1&size=12"
    )
    assert "A%26B" not in here.without_field("filter", "brand:A&B").url
    assert here.without("filter", "price_min").with_field("cursor", "x").url.endswith("&cursor=x")
