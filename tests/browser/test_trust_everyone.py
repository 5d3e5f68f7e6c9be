"""The desk is for everyone: on a phone, in Japanese, in the dark, without scripts."""

import re

import pytest
from playwright.sync_api import Browser, expect

from app.accounts.reviewers import ADMIN, Reviewers
from app.services import Services
from bench.instruments.browser import PHONE
from tests.browser.conftest import faults
from tests.browser.reviewers import reviewer
from tests.support import casebook
from tests.support.reviewing import services, started

__all__ = ["services", "started"]

IMPACTS = ("moderate", "serious", "critical")


@pytest.fixture
def paths(services: Services) -> dict[str, str]:
    """Where a group, a pair of mika's, an empty queue, the log and the rest are shown."""
    found = casebook.parties(services, 7)
    group = casebook.case(found[0], found[1:5], hours=9)
    pair = casebook.case(found[5], [found[6]], queue="same_product", alignment=None)
    services.desk.open_cases([group, pair])
    for case in (group, pair):
        services.desk.claim(case.id, "mika")
    services.desk.comment(pair.id, "mika", "Looks like their own photo.")
    return {
        "queues": "/trust",
        "group": f"/trust/cases/{group.id}",
        "pair": f"/trust/cases/{pair.id}",
        "empty": "/trust/next/flood",
        "log": "/trust/log",
        "agreement": "/trust/agreement",
        "cases": "/trust/cases?reviewer=mika",
        "no cases": "/trust/cases?listing=nothing+like+it",
        "banks": "/trust/banks",
        "accounts": "/trust/accounts",
        "policy": "/trust/policy",
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_or_moderate(
    chromium: Browser, address: str, services: Services, paths: dict[str, str], scheme: str
) -> None:
    settings = {"color_scheme": scheme, "bypass_csp": True}
    with reviewer(chromium, address, services, "ada", ADMIN, **settings) as page:
        found = {}
        for name, path in paths.items():
            page.goto(path)
            page.wait_for_load_state("networkidle")
            found[name] = faults(page, IMPACTS)
        page.goto(paths["accounts"])
        page.get_by_label("Name", exact=True).fill("emi")
        page.get_by_role("button", name="Make the link").click()
        link = page.get_by_label("Link", exact=True).input_value()
        found["invited"] = faults(page, IMPACTS)
        page.goto(paths["group"])
        page.keyboard.press("?")
        found["legend"] = faults(page, IMPACTS)
        page.goto(link)
        found["invitation"] = faults(page, IMPACTS)
    Reviewers(services.settings.state_dir).remove("emi")
    assert found == {name: [] for name in found}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_a_reviewer_decides(
    chromium: Browser, address: str, services: Services, paths: dict[str, str], scheme: str
) -> None:
    settings = {"color_scheme": scheme, "bypass_csp": True}
    with reviewer(chromium, address, services, **settings) as page:
        found = {}
        for name in ("group", "pair"):
            page.goto(paths[name])
            page.wait_for_load_state("networkidle")
            found[name] = faults(page, IMPACTS)
        page.locator(".all-signals summary").click()
        page.keyboard.press("c")
        found["comment"] = faults(page, IMPACTS)
        page.goto(paths["group"])
        page.keyboard.press("o")
        found["overlay"] = faults(page, IMPACTS)
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/trust/sign-in")
        found["sign-in"] = faults(page, IMPACTS)
    assert found == {name: [] for name in found}


@pytest.mark.parametrize("locale", ["en-GB", "ja-JP"])
def test_phone_never_scrolls_sideways(
    chromium: Browser, address: str, services: Services, paths: dict[str, str], locale: str
) -> None:
    with reviewer(chromium, address, services, "ada", ADMIN, locale=locale, **PHONE) as page:
        widths = {}
        for name, path in paths.items():
            page.goto(path)
            page.wait_for_load_state("networkidle")
            widths[name] = page.evaluate("document.documentElement.scrollWidth")
    assert widths == dict.fromkeys(widths, 390)


def test_japanese_browser_is_spoken_to_in_japanese(
    chromium: Browser, address: str, services: Services, paths: dict[str, str]
) -> None:
    with reviewer(chromium, address, services, locale="ja-JP") as page:
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        expect(page.locator("h1")).to_have_text("審査キュー")
        page.goto(paths["pair"])
        expect(page.get_by_role("radio", name="無断使用")).to_be_visible()
        page.keyboard.press("?")
        expect(page.locator("#legend")).to_contain_text("このキー一覧")
        page.keyboard.press("Escape")
        page.get_by_role("link", name="English").click()
        expect(page.locator("h1")).to_have_text("Is it the same photo?")


def test_without_scripts_a_group_is_decided(
    chromium: Browser, address: str, services: Services, paths: dict[str, str]
) -> None:
    with reviewer(chromium, address, services, java_script_enabled=False) as page:
        page.goto(paths["group"])
        expect(page.locator(".aligned")).to_be_visible()
        expect(page.locator(".differing")).to_be_visible()
        page.get_by_role("checkbox").first.check()
        page.get_by_role("radio", name="Different").check()
        page.get_by_role("button", name="Preview").click()
        expect(page.locator("#preview")).to_contain_text("Still without a verdict: 3")
        page.get_by_role("radio", name="Used without permission").check()
        page.get_by_role("button", name="Preview").click()
        expect(page.locator("#preview")).to_contain_text("Used without permission: 3 members")
        page.get_by_role("button", name="Confirm").click()
        page.wait_for_url(re.compile("/trust/next/same_photo"))
        page.get_by_role("button", name="Undo").click()
        page.wait_for_url(f"**{paths['group']}")
        expect(page.get_by_role("button", name="Preview")).to_be_visible()
