"""A shop's own fields: read from a file, refused by name and with the cure, added to an index."""

from pathlib import Path

import pytest

from core.environment import Environment
from core.errors import InvalidSetting
from features.base import Json
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.fields import PRODUCT_FIELDS, ProductField, ProductFields
from mappings.catalogue.shop_fields import load_fields, parse_fields
from mappings.engine.gateway import Gateway

CARE = {"name": "care", "kind": "keyword"}


def fields(*entries: Json) -> ProductFields:
    return parse_fields({"field": list(entries)})


def test_without_the_setting_the_fields_are_ours() -> None:
    assert load_fields(Environment({})) is PRODUCT_FIELDS


def test_field_takes_its_name_as_column_and_shows_everywhere() -> None:
    assert fields(CARE)["care"] == ProductField(
        "care",
        "keyword",
        ("care",),
        is_filter=True,
        is_on_product_page=True,
        is_on_desk=True,
        from_attributes=True,
    )


def test_columns_are_written_as_feeds_names_are_compared() -> None:
    given = {**CARE, "columns": ["Care-Label", "care label"]}
    assert fields(given)["care"].columns == ("care_label",)


@pytest.mark.parametrize(
    ("entry", "detail"),
    [
        ({"kind": "keyword"}, "every \\[\\[field\\]\\] needs a name"),
        ({"name": "brand", "kind": "keyword"}, "'brand': clashes .* such as shop_brand"),
        ({"name": "picture_mood", "kind": "keyword"}, "'picture_mood': clashes"),
        ({"name": "photo_group", "kind": "keyword"}, "'photo_group': clashes"),
        ({"name": "variant_group", "kind": "keyword"}, "'variant_group': clashes"),
        ({"name": "terms", "kind": "keyword"}, "'terms': clashes"),
        ({"name": "Care!", "kind": "keyword"}, "'Care!': a name is up to 64 lower-case"),
        ({"name": "care", "kind": "colour"}, "'care': unknown kind 'colour'; known: text, "),
        ({**CARE, "facets": True}, "'care': unknown key 'facets'; known: name, "),
        ({**CARE, "columns": ["vendor"]}, "column 'vendor' already fills brand: name another"),
        ({**CARE, "columns": []}, "'care': columns is a list"),
        ({**CARE, "facet": "yes"}, "'care': facet is true or false"),
        ({**CARE, "kind": "time", "facet": True}, "a time has no values to count"),
        ({**CARE, "words": 11}, "words is true, false or a weight from 0 to 10"),
        ({**CARE, "kind": "money", "words": True}, "a money has no words to search"),
        ({**CARE, "labels": {"en": 1}}, "'care': labels is a table of texts"),
    ],
)
def test_what_is_wrong_with_a_field_is_named_with_the_cure(entry: Json, detail: str) -> None:
    with pytest.raises(InvalidSetting, match=f"LOOKALIKE_FIELDS: .*{detail}"):
        fields(entry)


def test_field_that_is_there_twice_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="'care': is there twice"):
        fields(CARE, CARE)


def test_two_fields_of_one_column_are_refused() -> None:
    with pytest.raises(InvalidSetting, match="column 'care' already fills care"):
        fields(CARE, {"name": "wash", "kind": "keyword", "columns": ["care"]})


@pytest.mark.parametrize(
    ("text", "detail"),
    [("[[field", "is not TOML"), ("[care]", "write each field as a table of its own")],
)
def test_file_of_another_shape_is_refused(tmp_path: Path, text: str, detail: str) -> None:
    path = tmp_path / "fields.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidSetting, match=detail):
        load_fields(Environment({"LOOKALIKE_FIELDS": str(path)}))


def test_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.toml"
    with pytest.raises(InvalidSetting, match=r"nowhere\.toml cannot be read"):
        load_fields(Environment({"LOOKALIKE_FIELDS": str(path)}))


def test_new_field_is_added_to_a_live_index(gateway: Gateway, catalogue: Catalogue) -> None:
    registry = Registry([])
    added = Catalogue(gateway, registry, catalogue.alias, fields=fields(CARE))
    with_features = Catalogue(
        gateway, catalogue_registry(catalogue), catalogue.alias, fields=fields(CARE)
    )
    with_features.prepare()
    assert gateway.properties(catalogue.alias)["care"]["type"] == "keyword"
    assert with_features.meta()["fields"]["care"] == "keyword"
    added.check_features()


def test_field_of_another_kind_than_the_index_holds_is_refused(
    gateway: Gateway, catalogue: Catalogue
) -> None:
    registry = catalogue_registry(catalogue)
    Catalogue(gateway, registry, catalogue.alias, fields=fields(CARE)).prepare()
    changed = fields({**CARE, "kind": "count"})
    other = Catalogue(gateway, registry, catalogue.alias, fields=changed)
    with pytest.raises(InvalidSetting, match="field 'care' is a keyword in the index and a count"):
        other.prepare()


def test_words_of_a_field_are_found_once_its_products_are_written(
    gateway: Gateway, catalogue: Catalogue
) -> None:
    shop_fields = fields({**CARE, "words": True})
    registry = catalogue_registry(catalogue)
    shop = Catalogue(gateway, registry, catalogue.alias, fields=shop_fields)
    shop.prepare()
    assert (
        shop.write([{"id": "a", "title": "A", "care": "Hand wash", "images": []}], refresh=True)
        == {}
    )
    found = shop.search({"query": {"match": {"terms.more": "wash"}}})
    assert [hit["_id"] for hit in found["hits"]["hits"]] == ["a"]


def catalogue_registry(catalogue: Catalogue) -> Registry:
    """Return the features a catalogue was made with."""
    return catalogue._registry
