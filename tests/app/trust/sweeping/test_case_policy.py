"""The policy decides which matches are a case; what matches is the same under all of them."""

from pathlib import Path

import pytest

from mappings.engine.gateway import Gateway
from tests.support.sweeping import Works, product

LATER = "2026-05-02T12:00:00.000+00:00"


@pytest.fixture
def works(gateway: Gateway, alias: str, tmp_path: Path) -> Works:
    return Works(gateway, alias, tmp_path)


def test_case_needs_another_seller_unless_the_policy_says_otherwise(works: Works) -> None:
    works.write(
        product("a", 0, seller="s"), product("b", 1, seller="s"), product("c", 1, seller="t"),
        product("d", 50), product("e", 51), product("f", 90, seller="s"),
        product("g", 90, seller="s"),
    )  # fmt: skip
    works.sweep().run(works.told)
    assert works.asked() == [("same_file", "b", ["c"]), ("same_photo", "d", ["e"])]
    works.follow_policy(other_seller=False)
    works.sweep().run(works.told)
    assert works.asked() == [
        ("same_file", "a", ["b", "c"]),
        ("same_photo", "d", ["e"]),
        ("same_file", "f", ["g"]),
    ]


def test_case_needs_another_group_unless_the_policy_says_otherwise(works: Works) -> None:
    works.write(
        product("a", 0, group="coat"), product("b", 0, group="coat"), product("c", 0, group="hat")
    )
    works.sweep().run(works.told)
    assert works.asked() == [("same_file", "a", ["c"])]
    (case,) = works.cases()
    assert [member.picture.product_id for member in case.relatives] == ["b"]
    works.follow_policy(other_group=False)
    works.sweep().run(works.told)
    assert works.asked() == [("same_file", "a", ["b", "c"])]


def test_narrower_policy_withdraws_what_it_does_not_ask(works: Works) -> None:
    works.follow_policy(other_seller=False)
    works.write(product("a", 0, seller="s"), product("b", 1, seller="s"))
    works.sweep().run(works.told)
    assert works.asked() == [("same_photo", "a", ["b"])]
    works.follow_policy()
    works.sweep().run(works.told)
    (case,) = works.cases()
    assert (case.state, case.withdrawn_because) == ("withdrawn", "outside_policy")
    works.follow_policy(other_seller=False)
    assert works.sweep().run(works.told).cases.opened == 1
    (case,) = works.cases()
    assert (case.state, case.withdrawn_because) == ("open", None)


def test_size_chart_of_many_products_is_no_evidence_a_stolen_photo_beside_it_is(
    works: Works,
) -> None:
    shirts = [product(f"a{n}", 20 * n, 300, seller="s") for n in range(4)]
    works.write(*shirts, product("thief", 21, 300, seller="z", added_at=LATER))
    works.sweep().run(works.told)
    assert works.asked() == [("same_photo", "a1", ["thief"])]
    works.follow_policy(shared_from=0)
    works.sweep().run(works.told)
    (case,) = works.cases()
    # The chart is evidence now: all four shirts are on one side of the dispute.
    assert [member.picture.product_id for member in case.members] == ["thief", "thief"]


def test_photo_that_comes_first_in_many_listings_of_one_seller_can_be_stolen(works: Works) -> None:
    works.write(
        *(product(f"a{n}", 0, seller="s") for n in range(5)), product("thief", 1, seller="z")
    )
    works.sweep().run(works.told)
    assert works.asked() == [("same_photo", "a0", ["thief"])]


def test_every_listing_of_the_other_side_is_asked_about(works: Works) -> None:
    works.write(
        product("a", 0, seller="s"),
        product("b", 0, seller="z", added_at=LATER),
        product("c", 0, seller="z", added_at=LATER),
    )
    works.sweep().run(works.told)
    assert works.asked() == [("same_file", "a", ["b", "c"])]


def test_of_variants_only_the_likeliest_is_a_case(works: Works) -> None:
    works.write(
        product("red", 0, seller="s", group="g"),
        product("blue", 4, seller="s", group="g"),
        product("copy", 0.2, seller="t", added_at=LATER),
        product("blue-copy", 4.3, seller="u", added_at=LATER),
    )
    works.sweep().run(works.told)
    # The copies match each other and both variants, but each variant has a better match.
    asked = {(case.representative.product_id, len(case.members)) for case in works.cases()}
    (case,) = works.cases()
    pairs = {
        (member.picture.product_id, case.other_picture(member).product_id)
        for member in case.members
    }
    assert asked == {("blue", 2)}
    assert pairs == {("copy", "red"), ("blue-copy", "blue")}
