"""Parts of a picture are stored beside it: they are found, and are nobody's own picture."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.environment import Environment
from features import registry
from features.base import Json, Picture, Region
from features.regions import finders
from features.regions.finders import RegionFinderChain
from features.registry import Registry
from mappings.catalogue import scan
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway
from mappings.search import request_body as queries
from mappings.search import results
from mappings.search.plan import Plan
from mappings.search.query import Query, Signal
from mappings.search.results import Hit
from tests.indexer.conftest import SETTINGS, Shop
from tests.support.pictures import clothing

STORED = replace(SETTINGS, regions=3)
ENVIRONMENT = Environment({**Environment.current().values, "LOOKALIKE_FEATURES": "embedding,pdq"})


@pytest.fixture(scope="module")
def features() -> Registry:
    return registry.load(ENVIRONMENT)


@pytest.fixture
def page(shop: Shop, gateway: Gateway, alias: str, features: Registry, shared_data: Path) -> Shop:
    """A listing that shows two pictures on one page, and a listing of one picture."""
    shop.features = features
    shop.catalogue = Catalogue(gateway, features, alias)
    two, other = clothing(shared_data, 3)[:2], clothing(shared_data, 3)[2]
    sheet = Image.new("RGB", (900, 600), "white")
    for number, picture in enumerate(two):
        sheet.paste(picture.pixels.resize((300, 300)), (100 + 400 * number, 150))
    sheet.save(shop.folder / "page.png")
    other.pixels.save(shop.folder / "other.png")
    shop.write({"id": "page", "image": "page.png"}, {"id": "other", "image": "other.png"})
    return shop


def load(shop: Shop, **changes: Any) -> None:
    report = shop.load(settings=STORED, finders=finders.load(ENVIRONMENT), **changes)
    assert report.exit_code == 0


def pictures(shop: Shop, key: str) -> list[Json]:
    found: list[Json] = shop.stored([key])[key]["images"]
    return found


def best(shop: Shop, features: Registry, picture: Picture) -> Hit:
    (value,) = features["embedding"].extract([picture])
    query = Query(Plan("exact", 2), (Signal(features["embedding"], value, 1.0),))
    answer = shop.catalogue.search(queries.build_body(query, features))
    return results.read_results(answer, query).hits[0]


def test_a_part_is_found_on_its_own_and_says_which_it_is(
    page: Shop, features: Registry, shared_data: Path
) -> None:
    load(page)
    whole, *parts = pictures(page, "page")
    assert whole["source"] == "catalogue"
    assert "box" not in whole
    assert len(parts) >= 2
    for part in parts:
        assert (part["source"], part["image_id"]) == ("region", whole["image_id"])
        assert (part["url"], part["added_at"]) == (whole["url"], whole["added_at"])
        # What is seen in a part finds it; a hash of it would make one listing another's copy.
        assert "embedding" in part
        assert "pdq" not in part
    shown = clothing(shared_data, 3)[1]
    hit = best(page, features, Picture(shown.pixels.resize((300, 300)), 300, 300))
    assert (hit.id, hit.image_id) == ("page", whole["image_id"])
    assert hit.box in {part["box"] for part in parts}
    left, _, right, _ = (float(edge) for edge in (hit.box or "").split(","))
    assert left > 0.5
    assert right < 0.95
    with Image.open(page.folder / "page.png") as sheet:
        hit = best(page, features, Picture(sheet.convert("RGB"), 900, 600))
    assert (hit.id, hit.box) == ("page", None)


def test_parts_stay_with_an_unchanged_picture_and_go_with_a_changed_one(page: Shop) -> None:
    load(page)
    before = pictures(page, "page")
    report = page.load(settings=STORED)
    assert (report.reused, report.exit_code) == (2, 0)
    assert pictures(page, "page") == before
    with Image.open(page.folder / "other.png") as other:
        other.rotate(90).save(page.folder / "page.png")
    load(page)
    ids = {picture["image_id"] for picture in pictures(page, "page")}
    assert len(ids) == 1
    assert ids != {before[0]["image_id"]}


def test_walks_and_counts_meet_whole_pictures_only(page: Shop) -> None:
    load(page)
    assert len(pictures(page, "page")) > 1
    met = [picture for some in scan.scan_pictures(page.catalogue) for _, picture in some.pictures]
    assert [picture["source"] for picture in met] == ["catalogue", "catalogue"]
    assert scan.count_pictures(page.catalogue) == 2
    held = scan.listings_showing(page.catalogue, [met[0]["image_id"]])
    assert len(held[met[0]["image_id"]]) == 1


class Stumbling:
    """A finder that fails on every picture."""

    name = "stumbling"

    def find_regions(self, picture: Picture) -> list[Region]:
        raise ZeroDivisionError(picture.width)


def test_a_finder_that_fails_costs_the_picture_and_is_named(page: Shop) -> None:
    report = page.load(settings=STORED, finders=RegionFinderChain([Stumbling()]))
    assert report.exit_code == 1
    assert {rule for (rule,) in page.rejected("rule")} == {"regions_failed"}
