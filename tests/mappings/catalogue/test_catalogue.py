"""Versions, alias, documents and what a mismatch says, on the real server."""

import pytest

from core.errors import IndexMissing, NotFound
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.errors import ModelMismatch
from mappings.engine.gateway import Gateway
from tests.support.plain_features import Arrow, GraphArrow, Stamp

CUP = {
    "id": "cup",
    "title": "Cup",
    "images": [{"image_id": "a", "width": 2, "height": 1, "arrow": [0.5, 0.25]}],
}


def test_stored_vectors_come_back_as_they_were(catalogue: Catalogue) -> None:
    assert catalogue.write([CUP], refresh=True) == {}
    stored = catalogue.stored_pictures(["cup", "unknown"])
    assert list(stored) == ["cup"]
    assert stored["cup"]["a"]["width"] == 2
    assert stored["cup"]["a"]["arrow"] == pytest.approx([0.5, 0.25], rel=1e-4)


def test_products_of_one_picture_are_told_apart_in_a_graph_and_stay_so(
    gateway: Gateway, alias: str
) -> None:
    catalogue = Catalogue(gateway, Registry([GraphArrow(), Stamp()]), alias)
    catalogue.prepare()

    def vector(key: str) -> list[float]:
        return list(catalogue.stored_pictures([key])[key]["a"]["arrow"])

    assert catalogue.write([CUP, {**CUP, "id": "mug"}], refresh=True) == {}
    first, second = vector("cup"), vector("mug")
    assert first != second
    # What was read and written again is what it was.
    again = catalogue.product("cup", vectors=True)
    assert catalogue.write([again], refresh=True) == {}
    assert vector("cup") == first


def test_writing_again_replaces(catalogue: Catalogue) -> None:
    catalogue.write([CUP, {**CUP, "title": "Mug"}], refresh=True)
    assert catalogue.product("cup")["title"] == "Mug"
    assert catalogue.summary()["products"] == 1


def test_document_with_an_undeclared_field_is_refused_and_named(catalogue: Catalogue) -> None:
    refused = catalogue.write([{**CUP, "colr": "red"}, {**CUP, "id": "good"}], refresh=True)
    assert list(refused) == ["cup"]
    assert "colr" in refused["cup"]
    assert catalogue.product("good")["title"] == "Cup"


def test_unknown_product_is_not_found(catalogue: Catalogue) -> None:
    with pytest.raises(NotFound, match="no product 'nobody'"):
        catalogue.product("nobody")


def test_other_feature_version_is_refused(catalogue: Catalogue, gateway: Gateway) -> None:
    class NewerArrow(Arrow):
        version = 2

    other = Catalogue(gateway, Registry([NewerArrow(), Stamp()]), catalogue.alias)
    with pytest.raises(ModelMismatch, match=r"arrow = .*'version': 1.*'version': 2.*--rebuild"):
        other.prepare()


def test_other_model_is_refused(catalogue: Catalogue, gateway: Gateway) -> None:
    class OtherModel(Arrow):
        def identity(self) -> dict[str, object]:
            return {"model": "other", "dims": 2}

    with pytest.raises(ModelMismatch, match="other"):
        Catalogue(gateway, Registry([OtherModel(), Stamp()]), catalogue.alias).check_features()


def test_writing_without_a_feature_the_index_holds_is_refused(
    catalogue: Catalogue, gateway: Gateway
) -> None:
    fewer = Catalogue(gateway, Registry([Arrow()]), catalogue.alias)
    fewer.check_features()
    with pytest.raises(ModelMismatch, match="also holds stamp"):
        fewer.prepare()


def test_missing_index_says_how_to_make_one(gateway: Gateway, registry: Registry) -> None:
    with pytest.raises(IndexMissing, match="load a feed first"):
        Catalogue(gateway, registry, "test-nowhere").check_features()


def test_rebuild_serves_the_old_index_until_promoted(
    catalogue: Catalogue, gateway: Gateway, registry: Registry
) -> None:
    catalogue.write([CUP], refresh=True)
    builder = Catalogue(gateway, registry, catalogue.alias)
    name = builder.begin_rebuild()
    builder.write([{**CUP, "id": "new"}], refresh=True)
    assert list(catalogue.products(["cup", "new"])) == ["cup"]
    builder.promote()
    assert list(catalogue.products(["cup", "new"])) == ["new"]
    assert gateway.indices_behind(catalogue.alias) == [name]


def test_rebuild_can_be_undone_and_only_the_index_before_it_is_kept(
    catalogue: Catalogue, gateway: Gateway, registry: Registry
) -> None:
    catalogue.write([CUP], refresh=True)
    for key in ("first", "abandoned", "second"):
        builder = Catalogue(gateway, registry, catalogue.alias)
        name = builder.begin_rebuild()
        builder.write([{**CUP, "id": key}], refresh=True)
        if key != "abandoned":
            builder.promote()
    assert len(gateway.indices(f"{catalogue.alias}-*")) == 2
    undone = catalogue.undo_rebuild()
    assert list(catalogue.products(["cup", "first", "second"])) == ["first"]
    assert undone == gateway.indices_behind(catalogue.alias)[0]
    assert catalogue.undo_rebuild() == name
    assert list(catalogue.products(["cup", "first", "second"])) == ["second"]


def test_without_a_rebuild_there_is_nothing_to_undo(catalogue: Catalogue) -> None:
    with pytest.raises(NotFound, match="nothing to undo"):
        catalogue.undo_rebuild()


def test_summary_counts_products_and_pictures(catalogue: Catalogue) -> None:
    catalogue.write([CUP, {**CUP, "id": "two", "images": CUP["images"] * 2}], refresh=True)
    summary = catalogue.summary()
    assert (summary["products"], summary["pictures"]) == (2, 3)
    assert summary["features"]["arrow"] == {
        "version": 1,
        "identity": {"model": "arrow", "dims": 2},
    }
