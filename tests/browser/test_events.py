"""What a shopper sees and does reaches the data stream, joined to the search it follows."""

from playwright.sync_api import Browser, Page, expect

from bench.instruments.browser import PHONE
from features.base import Json
from mappings.events.ubi_mapping import EVENTS
from tests.browser.conftest import visitor
from tests.support.shop import Shop
from tests.support.ubi import stored


def events_of(shop: Shop, query: str, number: int) -> list[Json]:
    return stored(shop.environment, EVENTS, {"term": {"query_id": query}}, number)


def query_of(page: Page) -> str:
    return str(page.locator("li.card").first.get_attribute("data-query"))


def leave(page: Page) -> None:
    """Go away, which sends what waits."""
    page.goto("/favourites")


def test_impressions_clicks_and_views_are_joined_to_their_search(page: Page, shop: Shop) -> None:
    page.goto("/search?q=plimsolls")
    query, number = query_of(page), page.locator("li.card").count()
    assert number == 2
    page.wait_for_timeout(1_500)
    page.get_by_role("link", name="White Plimsolls", exact=True).click()
    expect(page.locator("h1")).to_have_text("White Plimsolls")
    page.get_by_role("button", name="Favourite: White Plimsolls").first.click()
    leave(page)
    found = events_of(shop, query, number + 3)
    actions = sorted(event["action_name"] for event in found)
    assert actions == ["click", *["impression"] * number, "view", "watch"]
    places = {
        event["event_attributes"]["object"]["object_id"]: event["event_attributes"]["position"]
        for event in found
        if event["action_name"] == "impression"
    }
    assert sorted(place["ordinal"] for place in places.values()) == [1, 2]
    for event in found:
        attributes = event["event_attributes"]
        assert attributes["joined"] is True
        assert attributes["known"] is True
        assert attributes["position"] == places[attributes["object"]["object_id"]]
        assert event["user_query"] == "plimsolls"
    assert len({event["session_id"] for event in found}) == 1


def test_card_that_was_in_view_too_shortly_is_no_impression(page: Page, shop: Shop) -> None:
    page.goto("/search?q=plimsolls")
    query = query_of(page)
    page.locator("button[data-quick]").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    leave(page)
    actions = [event["action_name"] for event in events_of(shop, query, 2)]
    assert sorted(actions) == ["click", "view"]


def test_next_page_of_a_phone_is_a_search_of_its_own(
    chromium: Browser, address: str, shop: Shop
) -> None:
    with visitor(chromium, address, **PHONE) as page:
        page.goto("/search?size=6")
        page.locator("#more").click()
        card = page.locator("li.card").nth(6)
        expect(card).to_be_visible()
        query = str(card.get_attribute("data-query"))
        assert query != query_of(page)
        assert card.get_attribute("data-place") == "7"
        card.locator(".card-title a").click()
        leave(page)
        (*_, event) = [e for e in events_of(shop, query, 1) if e["action_name"] == "click"]
    assert event["event_attributes"]["position"] == {"ordinal": 7}


def test_browser_that_asks_not_to_be_tracked_sends_nothing(chromium: Browser, address: str) -> None:
    with visitor(chromium, address, extra_http_headers={"Sec-GPC": "1"}) as page:
        page.add_init_script(
            "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})"
        )
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        page.goto("/search?q=plimsolls")
        page.wait_for_timeout(1_500)
        page.locator(".card-title a").first.click()
        leave(page)
        assert not [url for url in sent if "/api/v1/events" in url]
        assert "lookalike_visitor" not in [cookie["name"] for cookie in page.context.cookies()]
        assert page.evaluate("localStorage.getItem('lookalike.origins')") is None


def test_scripts_cannot_read_who_the_visitor_is(page: Page) -> None:
    page.goto("/")
    assert "lookalike_visitor" in [cookie["name"] for cookie in page.context.cookies()]
    assert "lookalike_visitor" not in page.evaluate("document.cookie")
