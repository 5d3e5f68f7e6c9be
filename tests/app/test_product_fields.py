"""A field of the register filters, counts, is found by words, shown and compared, and no more is
touched for it than its entry: ours has two translations, a shop's own a label."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.pages import language
from app.services import Services, build_services
from app.settings import AppSettings
from app.trust.examination.evidence import ListingPicture
from features.base import Json
from features.registry import load
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Row
from mappings.catalogue.fields import PRODUCT_FIELDS, ProductField, ProductFields
from mappings.catalogue.products import PICTURES
from tests.conftest import node_environment
from tests.support import casebook
from tests.support.engine import Engine
from tests.support.own_index import own_index
from tests.support.reviewing import signed_in

CARE = {"a": "hand wash", "b": "dry clean", "c": "hand wash"}

ENTRY = ProductField(
    "care",
    "keyword",
    ("care", "care_label"),
    is_filter=True,
    is_facet=True,
    words=1,
    is_on_product_page=True,
    is_on_desk=True,
)

FILE = """
[[field]]
name = "care"
kind = "keyword"
columns = ["care", "Care-Label"]
facet = true
words = true
labels = { en = "Care", ja = "お手入れ" }
"""


@dataclass(frozen=True)
class Stall:
    """A shop of three products, and a browser at its desk."""

    services: Services
    client: FlaskClient
    desk: FlaskClient

    def ids(self, query: str) -> list[str]:
        """Return the ids that a search finds, sorted."""
        answer = self.client.get(f"/api/v1/search?{query}").json
        assert answer is not None
        return sorted(hit["id"] for hit in answer["hits"])


def document(key: str, care: str, fields: ProductFields) -> Json:
    cells = {"id": key, "title": f"mug {key}", "image": "x.jpg", "care_label": care}
    parsed = parse_product(Row(1, cells), fields)
    assert isinstance(parsed, Product)
    picture = {"image_id": key * 64, "source": "catalogue"}
    return {**parsed.fields, PICTURES: [picture]}


@contextmanager
def stall(
    engine: Engine, folder: Path, fields: ProductFields | None, **more: str
) -> Iterator[Stall]:
    values = {
        **node_environment(folder / "state").values,
        "LOOKALIKE_FEATURES": "checksum",
        "LOOKALIKE_LOG_SEARCHES": "no",
        **more,
    }
    with own_index(engine, values) as environment:
        settings = AppSettings.from_env(environment)
        if fields is not None:
            settings = replace(settings, fields=fields)
        services = build_services(settings, load(environment))
        with closing(services):
            catalogue = services.catalogue
            catalogue.prepare()
            products = [document(key, care, settings.fields) for key, care in CARE.items()]
            assert catalogue.write(products, refresh=True) == {}
            services.desk.prepare()
            app = create_app(services)
            yield Stall(services, app.test_client(), signed_in(app, "mika"))


@pytest.fixture(scope="module", params=["register", "file"])
def shop_with_care(
    request: pytest.FixtureRequest, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stall]:
    """A shop with a field `care`: an entry of the register's, or of a shop's own file."""
    folder = tmp_path_factory.mktemp("stall")
    if request.param == "file":
        path = folder / "fields.toml"
        path.write_text(FILE, encoding="utf-8")
        with stall(engine, folder, None, LOOKALIKE_FIELDS=str(path)) as opened:
            yield opened
        return
    with pytest.MonkeyPatch.context() as patch:
        for code, text in (("en", "Care"), ("ja", "お手入れ")):
            spoken = language.language(code)
            patch.setitem(spoken.messages, "field.care", text)  # type: ignore[arg-type]
        with stall(engine, folder, PRODUCT_FIELDS.with_fields([ENTRY])) as opened:
            yield opened


def test_it_filters(shop_with_care: Stall) -> None:
    assert shop_with_care.ids("filter=care:hand wash") == ["a", "c"]


def test_it_is_found_by_words(shop_with_care: Stall) -> None:
    assert shop_with_care.ids("q=dry") == ["b"]


def test_it_is_counted(shop_with_care: Stall) -> None:
    answer = shop_with_care.client.get("/api/v1/search?facets=care").json
    assert answer is not None
    counts = {value["value"]: value["count"] for value in answer["facets"]["care"]}
    assert counts == {"hand wash": 2, "dry clean": 1}


@pytest.mark.parametrize(("code", "heading"), [("en", "Care"), ("ja", "お手入れ")])
def test_it_is_a_facet_of_the_results_page(shop_with_care: Stall, code: str, heading: str) -> None:
    page = unescape(shop_with_care.client.get(f"/search?lang={code}").text)
    assert f"<legend>{heading}</legend>" in page
    assert 'value="care:hand wash"' in page


@pytest.mark.parametrize(("code", "heading"), [("en", "Care"), ("ja", "お手入れ")])
def test_product_page_shows_it(shop_with_care: Stall, code: str, heading: str) -> None:
    page = unescape(shop_with_care.client.get(f"/products/b?lang={code}").text)
    assert f"<dt>{heading}</dt><dd>dry clean</dd>" in page


def test_desk_compares_it(shop_with_care: Stall) -> None:
    first, second = (ListingPicture(key, key * 64) for key in ("a", "b"))
    case = casebook.case(first, [second])
    shop_with_care.services.desk.open_cases([case])
    page = unescape(shop_with_care.desk.get(f"/trust/cases/{case.id}").text)
    (row,) = (row for row in re.findall(r"<tr.*?</tr>", page, re.S) if ">Care" in row)
    assert 'class="differs"' in row
    assert re.findall(r"<td>(.*?)</td>", row) == ["hand wash", "dry clean"]


def test_description_names_it(shop_with_care: Stall) -> None:
    described = shop_with_care.client.get("/openapi.json").json
    assert described is not None
    parameters = described["paths"]["/api/v1/search"]["get"]["parameters"]
    told = {one["name"]: one["description"] for one in parameters}
    assert "care" in told["filter"]
    assert "care" in told["facets"]
