"""What `_meta` says of two versions, and how they change places."""

from features.base import Json
from features.registry import Registry
from mappings.catalogue import products, versions
from tests.support.plain_features import Arrow, Stamp

META: dict[str, Json] = {
    "format": 2,
    "features": {"arrow": {"version": 1}, "stamp": {"version": 3}},
    "calibration": {"learned": "under the first model"},
}


class Second(Arrow):
    """A feature that can be held twice."""

    field = "arrow"

    def with_field(self, field: str) -> "Second":
        placed = Second()
        placed.field = field
        return placed

    def identity(self) -> dict[str, Json]:
        return {"model": "second", "dims": 2}


BEGUN = versions.with_standby(META, Second(), "arrow_2", "new")


def test_a_second_version_lies_beside_the_one_in_service() -> None:
    told = [(one.name, one.field, one.in_service) for one in versions.stored_versions(BEGUN)]
    assert told == [("arrow", "arrow", True), ("stamp", "stamp", True), ("new", "arrow_2", False)]


def test_a_switch_exchanges_the_versions_and_what_was_learned_of_each() -> None:
    switched = versions.with_versions_exchanged(BEGUN)
    assert versions.version_in_service(switched, "arrow").field == "arrow_2"
    aside = versions.standby_version(switched)
    assert aside is not None
    assert (aside.field, aside.was_in_service) == ("arrow", True)
    assert "calibration" not in switched
    assert switched["beside"]["learned"] == {"calibration": META["calibration"]}


def test_an_undone_switch_leaves_what_was_there_before() -> None:
    again = versions.with_versions_exchanged(versions.with_versions_exchanged(BEGUN))
    assert again["placed"].pop("arrow") == {"field": "arrow", "name": "arrow"}
    assert {**again, "placed": None} == {**BEGUN, "placed": None}


def test_what_is_learned_after_a_switch_goes_with_its_model() -> None:
    learned = {**versions.with_versions_exchanged(BEGUN), "calibration": "of the second"}
    back = versions.with_versions_exchanged(learned)
    assert back["calibration"] == META["calibration"]
    assert versions.with_versions_exchanged(back)["calibration"] == "of the second"


def test_a_finished_change_holds_one_version() -> None:
    ended = versions.without_standby(versions.with_versions_exchanged(BEGUN))
    assert versions.standby_version(ended) is None
    assert versions.version_in_service(ended, "arrow").name == "new"


def test_a_field_name_is_never_used_twice() -> None:
    assert versions.next_field_name("arrow", ["arrow", "stamp"]) == "arrow_2"
    assert (
        versions.next_field_name("arrow", ["arrow", "arrow_2", "arrow_9", "arrow_x"]) == "arrow_10"
    )


def test_a_picture_is_seen_with_one_model_alone() -> None:
    picture = {"image_id": "a", "arrow": [1, 0], "arrow_2": [0, 1]}
    moved = Registry([Second().with_field("arrow_2"), Stamp()])
    assert versions.values_by_feature(picture, versions.feature_names_by_field(moved)) == {
        "image_id": "a",
        "arrow": [0, 1],
    }
    assert versions.values_by_feature(
        {"image_id": "a", "arrow": [1, 0]}, versions.feature_names_by_field(moved)
    ) == {"image_id": "a"}
    assert versions.values_by_feature(
        picture, versions.feature_names_by_field(Registry([Second()]))
    )["arrow"] == [1, 0]


def test_the_mapping_names_the_field_and_the_clause_asks_it() -> None:
    moved = Second().with_field("arrow_2")
    assert "arrow_2" in products.picture_properties([moved])
    assert products.feature_path(moved) == "images.arrow_2"
    assert products.build_meta(Registry([moved]))["placed"] == {"arrow": {"field": "arrow_2"}}


def test_the_version_in_service_is_found_among_what_is_loaded() -> None:
    switched = versions.with_versions_exchanged({**BEGUN, "features": {**BEGUN["features"]}})
    registry = versions.features_in_service(Registry([Arrow(), Stamp()]), [Second()], switched)
    assert products.feature_path(registry["arrow"]) == "images.arrow_2"
    before = versions.features_in_service(Registry([Arrow(), Stamp()]), [Second()], BEGUN)
    assert products.feature_path(before["arrow"]) == "images.arrow"


def test_what_was_learned_is_told_to_the_version_it_was_learned_of() -> None:
    now, moved = Registry([Arrow(), Stamp()]), Registry([Second().with_field("arrow_2"), Stamp()])
    assert versions.meta_for(BEGUN, now)["calibration"] == META["calibration"]
    assert "calibration" not in versions.meta_for(BEGUN, moved)


def test_what_is_learned_of_the_version_beside_lies_with_it_until_a_switch() -> None:
    now, moved = Registry([Arrow(), Stamp()]), Registry([Second().with_field("arrow_2"), Stamp()])
    known = versions.with_block(BEGUN, moved, "recall", {"of": "new"})
    known = versions.with_block(known, now, "recall", {"of": "old"})
    assert known["recall"] == {"of": "old"}
    assert versions.meta_for(known, moved)["recall"] == {"of": "new"}
    switched = versions.with_versions_exchanged(known)
    assert switched["recall"] == {"of": "new"}
    back = versions.with_versions_exchanged(switched)
    assert (back["recall"], back["beside"]) == (known["recall"], known["beside"])
