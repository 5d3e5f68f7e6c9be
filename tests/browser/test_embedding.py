"""The search on another site: an element, a frame and a search client, where the site is listed."""

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from app.http.embedding import EMBED_SETTING
from bench.instruments.web_server import run_server
from core.environment import Environment
from tests.browser.conftest import faults, visitor
from tests.support.shop import Shop

SHOE = "saleor-white-plimsolls-1.png"

HOST_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Another site</title>
<link rel="icon" href="data:,">
<script type="module" src="{shop}/static/embed/lookalike-search.js"></script></head>
<body><main><h1>Another site</h1><lookalike-search hits="6"></lookalike-search>
{frame}</main></body></html>"""
FRAME = '<iframe title="Shop" src="{shop}/"></iframe>'


def host_page(shop: str, frame: str = "") -> str:
    """Return a page that embeds the search of the shop at an address."""
    return HOST_PAGE.format(shop=shop, frame=frame.format(shop=shop))


class QuietFiles(SimpleHTTPRequestHandler):
    """Serves a folder without a line on the terminal for each request."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def site(folder: Path) -> Iterator[str]:
    """Serve a folder on a port of its own; give its origin."""
    handler = functools.partial(QuietFiles, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    folder = tmp_path_factory.mktemp("host")
    with site(folder) as origin:
        yield folder, origin


@pytest.fixture(scope="module")
def listing_shop(shop: Shop, host: tuple[Path, str]) -> Iterator[str]:
    """The shop where the host's origin is listed; the host's page embeds it."""
    folder, origin = host
    environment = Environment({**shop.environment.values, EMBED_SETTING: origin})
    with run_server(environment) as server:
        (folder / "listed.html").write_text(host_page(server.address))
        (folder / "framing.html").write_text(host_page(server.address, FRAME))
        yield server.address


@pytest.fixture
def embedded(chromium: Browser, host: tuple[Path, str], listing_shop: str) -> Iterator[Page]:
    with visitor(chromium, host[1]) as page:
        page.goto("/listed.html")
        yield page


def test_element_searches_by_words_and_photo_on_another_site(
    embedded: Page, shop: Shop, listing_shop: str
) -> None:
    embedded.get_by_role("searchbox").fill("plimsolls")
    embedded.get_by_role("searchbox").press("Enter")
    element = embedded.locator("lookalike-search")
    expect(element.get_by_role("link").first).to_contain_text("Plimsolls")
    embedded.get_by_role("searchbox").fill("")
    embedded.locator("#photo").set_input_files(shop.pictures / SHOE)
    expect(element.get_by_role("button", name="Remove photo")).to_be_visible()
    first = element.get_by_role("link").first
    expect(first).to_contain_text("White Plimsolls")
    assert (first.get_attribute("href") or "").startswith(f"{listing_shop}/products/")
    expect(element.get_by_role("link")).to_have_count(6)
    assert first.locator("img").evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert faults(embedded, ("serious", "critical")) == []


def test_site_hears_what_is_chosen_and_may_show_it_itself(embedded: Page) -> None:
    embedded.evaluate(
        """() => document.addEventListener("lookalike-product", (event) => {
             event.preventDefault();
             window.chosen = event.detail.objectID;
           })"""
    )
    embedded.get_by_role("searchbox").fill("mug")
    embedded.get_by_role("searchbox").press("Enter")
    embedded.locator("lookalike-search").get_by_role("link").first.click()
    assert embedded.evaluate("window.chosen")
    assert embedded.url.endswith("/listed.html")


def test_listed_site_frames_the_shop(
    chromium: Browser, host: tuple[Path, str], listing_shop: str
) -> None:
    # Chromium warns of the shop's autofocus in any frame, so this is no `visitor`.
    context = chromium.new_context(base_url=host[1], locale="en-GB")
    page = context.new_page()
    page.goto("/framing.html")
    shop = page.frame_locator("iframe")
    expect(shop.locator("h1")).to_be_visible()
    shop.locator("#q").fill("mug")
    shop.locator("#q").press("Enter")
    expect(shop.locator(".card-title").first).to_contain_text("Mug")
    context.close()


def test_client_answers_as_instantsearch_asks(embedded: Page, listing_shop: str) -> None:
    answer: Any = embedded.evaluate(
        """async (shop) => {
          const { createSearchClient } = await import(`${shop}/static/embed/search-client.js`);
          const client = createSearchClient({ url: shop });
          const params = { query: "shirt", page: 0, hitsPerPage: 5, facets: ["category", "price"] };
          const [all, dear] = (await client.search([
            { indexName: "products", params },
            {
              indexName: "products/sort/price_up",
              params: { ...params, numericFilters: ["price>=20"] },
            },
          ])).results;
          const [category] = Object.keys(all.facets.category);
          const narrow = { ...params, facetFilters: [[`category:${category}`]] };
          const [few] = (await client.search([{ indexName: "products", params: narrow }])).results;
          const values = await client.searchForFacetValues([
            {
              indexName: "products",
              params: { facetName: "category", facetQuery: category.slice(0, 3) },
            },
          ]);
          return { all, dear, few, values, category };
        }""",
        listing_shop,
    )
    found = answer["all"]
    assert {"hits", "nbHits", "page", "nbPages", "hitsPerPage", "query", "params", "facets"} <= set(
        found
    )
    assert 0 < len(found["hits"]) <= 5
    assert found["nbPages"] == -(-found["nbHits"] // 5)
    assert all(hit["objectID"] and hit["image"].startswith(listing_shop) for hit in found["hits"])
    prices = [hit["price"] for hit in answer["dear"]["hits"]]
    assert prices == sorted(prices)
    assert all(price >= 20 for price in prices)
    assert answer["few"]["nbHits"] == found["facets"]["category"][answer["category"]]
    assert answer["category"] in [hit["value"] for hit in answer["values"][0]["facetHits"]]


def test_client_leaves_out_what_negated_filters_name(embedded: Page, listing_shop: str) -> None:
    answer: Any = embedded.evaluate(
        """async (shop) => {
          const { createSearchClient } = await import(`${shop}/static/embed/search-client.js`);
          const client = createSearchClient({ url: shop });
          const params = { query: "shirt", hitsPerPage: 50, facets: ["category"] };
          const ask = async (facetFilters) => {
            const request = { indexName: "products", params: { ...params, facetFilters } };
            return (await client.search([request])).results[0];
          };
          const all = await ask([]);
          const [category] = Object.keys(all.facets.category);
          const negated = [`category:-${category}`, `-category:${category}`];
          negated.push([negated[0]]);
          const rest = [];
          for (const filter of negated) rest.push(await ask([filter]));
          const dash = await ask(["category:\\\\-none"]);
          const refusal = await ask([[`category:-${category}`, "brand:x"]]).catch((e) => e.message);
          return { all, category, rest, dash, refusal };
        }""",
        listing_shop,
    )
    every, category = answer["all"], answer["category"]
    count = every["facets"]["category"][category]
    for rest in answer["rest"]:
        assert rest["nbHits"] == every["nbHits"] - count
        assert category not in rest["facets"]["category"]
    assert answer["dash"]["nbHits"] == 0
    assert "a negated filter has no alternatives" in answer["refusal"]


def test_site_that_is_not_listed_is_told_so(
    chromium: Browser, host: tuple[Path, str], address: str
) -> None:
    folder, origin = host
    (folder / "unlisted.html").write_text(host_page(address, FRAME))
    # The browser complains itself of what it refuses, so this is no `visitor`.
    context = chromium.new_context(base_url=origin, locale="en-GB")
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.goto("/unlisted.html")
    page.get_by_role("searchbox").fill("mug")
    page.get_by_role("searchbox").press("Enter")
    alert = page.locator("lookalike-search").get_by_role("alert")
    expect(alert).to_contain_text(f"{origin} may not embed this shop's search")
    expect(alert).to_contain_text(EMBED_SETTING)
    expect(page.locator("lookalike-search").get_by_role("link")).to_have_count(0)
    assert any("frame-ancestors" in said for said in complaints), "nor does it frame the shop"
    context.close()
