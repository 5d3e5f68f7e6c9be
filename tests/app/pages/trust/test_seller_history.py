"""What the desk decided about a seller before is shown with every case and on its own page."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from app.factory import create_app
from app.services import Services, build_services
from app.settings import AppSettings
from app.trust.desk.case import Case
from app.trust.desk.case_policy import ListingOwner
from app.trust.examination.evidence import ListingPicture
from features.registry import load
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Row
from mappings.catalogue.products import PICTURES
from tests.app.pages.trust.desk_pages import decide, get
from tests.conftest import node_environment
from tests.support import casebook
from tests.support.engine import Engine
from tests.support.own_index import own_index
from tests.support.reviewing import signed_in

SELLERS = {"a": "North & Co", "b": "copy/shop", "c": "copy/shop", "d": "other"}


@pytest.fixture(scope="module")
def market(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """A market of four listings by three sellers."""
    values = {
        **node_environment(tmp_path_factory.mktemp("market")).values,
        "LOOKALIKE_FEATURES": "checksum",
        "LOOKALIKE_LOG_SEARCHES": "no",
        "LOOKALIKE_SECOND_LOOKS": "0",
    }
    with own_index(engine, values) as environment:
        services = build_services(AppSettings.from_env(environment), load(environment))
        with closing(services):
            services.catalogue.prepare()
            documents = []
            for key, seller in SELLERS.items():
                cells = {"id": key, "title": f"Mug {key}", "image": "x.jpg", "seller": seller}
                parsed = parse_product(Row(1, cells))
                assert isinstance(parsed, Product)
                picture = {"image_id": key * 64, "source": "catalogue"}
                documents.append({**parsed.fields, PICTURES: [picture]})
            assert services.catalogue.write(documents, refresh=True) == {}
            yield services


@pytest.fixture(scope="module")
def mika(market: Services) -> FlaskClient:
    return signed_in(create_app(market), "mika")


def picture(key: str) -> ListingPicture:
    return ListingPicture(key, key * 64)


@pytest.fixture(scope="module")
def cases(market: Services) -> list[Case]:
    """A theft decided, and a case that waits, both of one seller's listings."""
    opened = [
        casebook.case(picture("a"), [picture("b")], hours=5),
        casebook.case(picture("d"), [picture("c")], hours=2),
    ]
    market.desk.open_cases(opened)
    decide(market, opened[0], "mika", "stolen_photo")
    return opened


def test_seller_s_page_counts_verdicts_on_own_listings(
    mika: FlaskClient, cases: list[Case]
) -> None:
    html = " ".join(get(mika, "/trust/sellers/copy/shop").split())
    assert "<dt>Listings now</dt><dd>2</dd>" in html
    assert "<dt>Cases</dt><dd>2</dd>" in html
    assert "<dt>Not decided yet</dt><dd>1</dd>" in html
    assert "<dt>Used without permission</dt><dd>1</dd>" in html
    assert all(f"/trust/cases/{case.id}" in html for case in cases)
    victim = " ".join(get(mika, "/trust/sellers/North & Co").split())
    assert "<dt>Cases</dt><dd>1</dd>" in victim
    assert "<dt>Used without permission</dt>" not in victim


def test_case_says_what_was_decided_about_its_sellers(mika: FlaskClient, cases: list[Case]) -> None:
    html = get(mika, f"/trust/cases/{cases[1].id}")
    assert 'href="/trust/sellers/copy/shop"' in html
    assert "Used without permission: 1" in html
    assert "nothing decided yet" in html


def test_cases_are_found_by_seller(mika: FlaskClient, cases: list[Case]) -> None:
    html = get(mika, "/trust/cases?seller=COPY/shop")
    assert "2 cases" in html
    assert "1 case," in get(mika, "/trust/cases?seller=North+%26+Co")
    assert "0 cases" in get(mika, "/trust/cases?seller=nobody")
    assert "1 case," in get(mika, "/trust/cases?seller=copy/shop&listing=mug+b")


def test_case_is_found_by_the_seller_of_a_listing_that_is_gone(
    market: Services, mika: FlaskClient
) -> None:
    gone = ListingPicture("gone", "9" * 64)
    case = casebook.case(picture("d"), [gone])
    market.desk.open_cases([replace(case, owners={"gone": ListingOwner("vanished", None)})])
    html = get(mika, "/trust/cases?seller=vanished")
    assert f'href="/trust/cases/{case.id}"' in html
