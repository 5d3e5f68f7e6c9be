"""A rebuild that answers otherwise than what is in service does not take its place."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from features.base import ClauseContext, Json, Picture
from features.registry import Registry
from indexer.errors import RebuildRefused
from indexer.loading.rebuild_check import RebuildCheck
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway
from tests.indexer.conftest import SETTINGS, Shop
from tests.indexer.doubles import Tone

PRODUCTS = 60


class Nearest(Tone):
    """A tone by which the nearest pictures are found, turned by `turn` channels."""

    def __init__(self, turn: int = 0) -> None:
        super().__init__()
        self._turn = turn

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        values = super().extract(pictures)
        return [value and value[self._turn :] + value[: self._turn] for value in values]

    def clause(self, value: Json, context: ClauseContext) -> Json:
        source = f"1 / (1 + l2norm(params.v, '{context.field}'))"
        return {
            "script_score": {
                "query": {"exists": {"field": context.field}},
                "script": {"source": source, "params": {"v": value}},
            }
        }


class Blind(Nearest):
    """A tone that sees nothing."""

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        return [None for _ in pictures]


def rows(shop: Shop, *, title: str = "cup") -> list[dict[str, Any]]:
    return [
        {
            "id": f"p{n:02}",
            "title": f"{title} number {n}",
            "price": 1.0 + n,
            "image_link": [shop.picture(f"{n}.png", (4 * n, (37 * n) % 256, (91 * n) % 200))],
        }
        for n in range(PRODUCTS)
    ]


@pytest.fixture
def loaded(shop: Shop, gateway: Gateway) -> Shop:
    use(shop, gateway, Nearest())
    shop.write(*rows(shop))
    shop.load()
    return shop


def use(shop: Shop, gateway: Gateway, feature: Nearest) -> None:
    shop.features = Registry([feature])
    shop.catalogue = Catalogue(gateway, shop.features, shop.catalogue.alias)


def test_a_rebuild_of_a_feed_with_ordinary_changes_takes_over(loaded: Shop) -> None:
    changed = rows(loaded)[5:]
    for row in changed[::2]:
        row["price"] = 99.0
    new = {"id": "new", "title": "cup number 0", "image_link": changed[3]["image_link"]}
    loaded.write(*changed, new)
    loaded.load(rebuild=True)
    assert set(loaded.stored(["new", "p04", "p05"])) == {"new", "p05"}


def test_pictures_that_are_read_otherwise_are_noticed(loaded: Shop, gateway: Gateway) -> None:
    use(loaded, gateway, Nearest(turn=1))
    changed = rows(loaded)
    for n, row in enumerate(changed):
        row["image_link"] = changed[(n * 7 + 3) % PRODUCTS]["image_link"]
    loaded.write(*changed)
    with pytest.raises(RebuildRefused) as refused:
        loaded.load(rebuild=True)
    assert "searches by a stored picture agree" in str(refused.value)
    assert "LOOKALIKE_LOAD_REBUILD_AGREEMENT" in str(refused.value)
    assert "--force" in str(refused.value)
    assert still_in_service(loaded, gateway)
    loaded.load(rebuild=True, settings=replace(SETTINGS, rebuild_agreement=0))
    assert not still_in_service(loaded, gateway)


def still_in_service(shop: Shop, gateway: Gateway) -> bool:
    names = gateway.indices(f"{shop.catalogue.alias}-*")
    return names == [f"{shop.catalogue.alias}-000001"]


def test_titles_that_are_read_otherwise_are_noticed(loaded: Shop, gateway: Gateway) -> None:
    changed = rows(loaded)
    for n, row in enumerate(changed):
        row["title"] = f"cup numero {(n * 7 + 3) % PRODUCTS}"
    loaded.write(*changed)
    with pytest.raises(RebuildRefused, match="searches by words of a title agree"):
        loaded.load(rebuild=True)
    assert still_in_service(loaded, gateway)


def test_a_feature_that_sees_nothing_any_more_is_noticed(loaded: Shop, gateway: Gateway) -> None:
    use(loaded, gateway, Blind())
    with pytest.raises(RebuildRefused, match="0% of the pictures have a value of tone, and 100%"):
        loaded.load(rebuild=True)
    assert still_in_service(loaded, gateway)


def test_another_model_is_compared_by_words_alone(loaded: Shop, gateway: Gateway) -> None:
    class Other(Nearest):
        version = 2

    use(loaded, gateway, Other(turn=1))
    loaded.catalogue.begin_rebuild()
    loaded.catalogue.write([*loaded.stored(["p00", "p01"]).values()])
    names = [
        one.name for one in RebuildCheck(loaded.catalogue, loaded.features, 50).compare(["cup"])
    ]
    assert names == ["by words of a title", "by words that shoppers asked"]
    loaded.catalogue.discard_rebuild()


def test_what_shoppers_asked_is_compared(loaded: Shop, gateway: Gateway) -> None:
    for row in (changed := rows(loaded)):
        row["title"] = row["title"].replace("cup", "mug")
    loaded.write(*changed)
    with pytest.raises(RebuildRefused, match="1 searches by words that shoppers asked"):
        loaded.load(rebuild=True, read_asked_queries=lambda: ["cup"])


def test_a_rebuild_by_another_model_must_find_its_own_pictures(
    loaded: Shop, gateway: Gateway
) -> None:
    class Alike(Nearest):
        """Another model, to which all pictures are the same."""

        version = 2

        def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
            return [[1.0, 0.0, 0.0] for _ in pictures]

    use(loaded, gateway, Alike())
    with pytest.raises(RebuildRefused, match="stored pictures find their own product first"):
        loaded.load(rebuild=True)
    assert still_in_service(loaded, gateway)
    loaded.load(rebuild=True, settings=replace(SETTINGS, rebuild_agreement=0))
    assert not still_in_service(loaded, gateway)


def test_products_that_all_show_one_photo_are_rebuilt(shop: Shop, gateway: Gateway) -> None:
    use(shop, gateway, Nearest())
    picture = shop.picture("one.png", (9, 90, 200))
    shop.write(*({**row, "image_link": [picture]} for row in rows(shop)))
    shop.load()
    shop.load(rebuild=True)
    assert not still_in_service(shop, gateway)


def test_another_model_that_finds_its_own_pictures_takes_over(
    loaded: Shop, gateway: Gateway
) -> None:
    class Other(Nearest):
        version = 2

    use(loaded, gateway, Other(turn=1))
    loaded.load(rebuild=True, settings=replace(SETTINGS, rebuild_sample=20))
    assert not still_in_service(loaded, gateway)


def test_pictures_find_their_own_product_in_both_indices(loaded: Shop, gateway: Gateway) -> None:
    loaded.catalogue.begin_rebuild()
    keys = [f"p{n:02}" for n in range(PRODUCTS)]
    loaded.catalogue.write([*loaded.catalogue.products(keys, vectors=True).values()])
    rebuilt, in_service = RebuildCheck(loaded.catalogue, loaded.features, 20).retrieve_own()
    loaded.catalogue.discard_rebuild()
    assert rebuilt is not None
    assert in_service is not None
    assert (rebuilt.searches, rebuilt.share, rebuilt.missed) == (20, 1.0, [])
    assert (in_service.searches, in_service.share) == (20, 1.0)
