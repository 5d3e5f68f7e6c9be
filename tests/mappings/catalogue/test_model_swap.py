"""A second version in a live index, on the real server."""

import pytest

from features.base import Json
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.errors import ModelMismatch
from mappings.catalogue.model_swap import ModelSwap
from mappings.engine.gateway import Gateway
from tests.support.plain_features import GraphArrow, Stamp


class Model(GraphArrow):
    """An arrow in a graph that can be held twice, by a model of this name."""

    def __init__(self, model: str, field: str = "arrow") -> None:
        self.model = model
        self.field = field

    def with_field(self, field: str) -> "Model":
        return Model(self.model, field)

    def identity(self) -> dict[str, Json]:
        return {"model": self.model, "dims": 2}


OLD, NEW = Model("old"), Model("new")


def product(key: str, *pictures: Json) -> Json:
    return {"id": key, "title": key, "images": list(pictures)}


def picture(key: str, **values: Json) -> Json:
    return {"image_id": key, "width": 2, "height": 1, "arrow": [0.5, 0.25], **values}


@pytest.fixture
def catalogue(gateway: Gateway, alias: str) -> Catalogue:
    catalogue = Catalogue(gateway, Registry([OLD, Stamp()]), alias, spare=[NEW])
    catalogue.prepare()
    catalogue.write([product("a", picture("1"), picture("2")), product("b")], refresh=True)
    return catalogue


@pytest.fixture
def index(gateway: Gateway, catalogue: Catalogue) -> ModelSwap:
    return ModelSwap(gateway, catalogue.alias)


def test_pictures_lack_a_version_until_it_is_put(index: ModelSwap, catalogue: Catalogue) -> None:
    version = index.add_standby(NEW, "arrow_2", "new")
    assert index.count_lacking(version) == 2
    ((found,),) = index.products_lacking(version)
    filled = product("a", picture("1", arrow_2=[1.0, 0.0]), picture("2"))
    assert index.replace_products([(filled, found)]) == {}
    index.refresh()
    assert index.count_lacking(version) == 1
    stored = catalogue.product("a", vectors=True)
    (one, other) = stored["images"]
    assert one.pop("arrow_2") == pytest.approx([1.0, 0.0], rel=1e-4)
    assert one.pop("arrow") == pytest.approx([0.5, 0.25], rel=1e-4)
    assert other.pop("arrow") == pytest.approx([0.5, 0.25], rel=1e-4)
    assert one == {"image_id": "1", "width": 2, "height": 1}


def test_twins_are_told_apart_in_the_new_field_too(index: ModelSwap, catalogue: Catalogue) -> None:
    catalogue.write([product("c", picture("1"))], refresh=True)
    version = index.add_standby(NEW, "arrow_2", "new")
    (found,) = index.products_lacking(version)
    filled = [
        (product(one.id, *({**p, "arrow_2": [0.6, 0.8]} for p in one.source["images"])), one)
        for one in found
    ]
    assert index.replace_products(filled) == {}
    index.refresh()
    kept = [catalogue.product(key, vectors=True)["images"][0]["arrow_2"] for key in ("a", "c")]
    assert kept[0] != kept[1]
    assert kept[0] == pytest.approx(kept[1], rel=2e-4)


def test_what_a_load_wrote_meanwhile_stays(index: ModelSwap, catalogue: Catalogue) -> None:
    version = index.add_standby(NEW, "arrow_2", "new")
    ((found,),) = index.products_lacking(version)
    catalogue.write([{**product("a", picture("3")), "title": "renamed"}], refresh=True)
    filled = product("a", picture("1", arrow_2=[1.0, 0.0]))
    assert index.replace_products([(filled, found)]) == {"a": ""}
    assert catalogue.product("a")["title"] == "renamed"


def test_a_document_the_index_refuses_is_named(index: ModelSwap) -> None:
    version = index.add_standby(NEW, "arrow_2", "new")
    ((found,),) = index.products_lacking(version)
    refused = index.replace_products([(product("a", picture("1", arrow_2=[1.0, 0.0, 0.0])), found)])
    assert "dimension" in refused["a"]


def test_one_change_at_a_time(index: ModelSwap) -> None:
    index.add_standby(NEW, "arrow_2", "new")
    with pytest.raises(ModelMismatch, match="already holds 'new' beside"):
        index.add_standby(Model("newer"), "arrow_3", "newer")


def test_the_model_in_service_cannot_come_next(index: ModelSwap) -> None:
    with pytest.raises(ModelMismatch, match="'old' is in service already"):
        index.add_standby(Model("old"), "arrow_2", "again")


def test_who_writes_has_every_version(
    index: ModelSwap, catalogue: Catalogue, gateway: Gateway
) -> None:
    alone = Catalogue(gateway, Registry([OLD, Stamp()]), catalogue.alias)
    assert list(catalogue.refresh_write_features()) == ["arrow", "stamp"]
    index.add_standby(NEW, "arrow_2", "new")
    assert list(catalogue.refresh_write_features()) == ["arrow", "stamp", "arrow_2"]
    with pytest.raises(ModelMismatch, match="by 'new', which is not loaded here: set LOOKALIKE_N"):
        alone.refresh_write_features()
    alone.check_features()


def test_who_reads_asks_where_its_own_version_lies(
    index: ModelSwap, catalogue: Catalogue, gateway: Gateway
) -> None:
    moved = Catalogue(gateway, Registry([NEW.with_field("arrow_2"), Stamp()]), catalogue.alias)
    with pytest.raises(ModelMismatch, match="arrow"):
        moved.check_features()
    index.add_standby(NEW, "arrow_2", "new")
    moved.check_features()
    with pytest.raises(ModelMismatch, match="arrow"):
        Catalogue(gateway, Registry([NEW, Stamp()]), catalogue.alias).check_features()
    index.exchange()
    catalogue.check_features()
    index.remove_standby()
    with pytest.raises(ModelMismatch, match="swap-model"):
        catalogue.check_features()
    moved.check_features()
