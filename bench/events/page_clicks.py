"""Clicks on cards in a real browser, to see how many of them the shop joins to their search."""

import time

from bench.events.stored_events import stored_documents
from bench.instruments.browser import PHONE, open_browser, visitor
from bench.instruments.web_server import RunningServer
from bench.report import Report, at_least
from bench.workspace import Workspace
from features.base import Json

PLACES = 5
PATIENCE_S = 60.0
ACTIONS = ("click", "view")


def report_joined(report: Report, space: Workspace, site: RunningServer, clicks: int) -> None:
    """Open products from lists of results, and report how many clicks and views are joined."""
    with open_browser() as browser, visitor(browser, site.address, **PHONE) as page:
        for number in range(clicks):
            page.goto(f"/search?page={1 + number // PLACES % 3}")
            page.locator("li.card .card-title a").nth(number % PLACES).click()
            page.wait_for_url("**/products/**", wait_until="load")
        page.goto("/favourites")  # what waits is sent when a page is left
    events: list[Json] = []
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        events = stored_documents(space, {"term": {"application": "shop"}})
        if all(len(_of(events, action)) >= clicks for action in ACTIONS):
            break
        time.sleep(0.5)
    report.sizes["clicks"] = clicks
    for action in ACTIONS:
        attributes = [event["event_attributes"] for event in _of(events, action)]
        joined = sum(bool(each.get("joined")) for each in attributes)
        report.add(f"events.{action}s_stored", len(attributes) / clicks, "share", at_least(0.99))
        report.add(f"events.{action}s_joined", joined / clicks, "share", at_least(0.99))


def _of(events: list[Json], action: str) -> list[Json]:
    return [event for event in events if event["action_name"] == action]
