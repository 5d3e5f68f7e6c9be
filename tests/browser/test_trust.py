"""A reviewer works through the desk by keyboard alone."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.services import Services
from app.trust.desk.case import Case
from tests.browser.reviewers import reviewer
from tests.support import casebook
from tests.support.reviewing import services, started

__all__ = ["services", "started"]


@pytest.fixture
def mika(chromium: Browser, address: str, services: Services) -> Iterator[Page]:
    with reviewer(chromium, address, services) as page:
        yield page


def opened(services: Services, *sizes: int) -> list[Case]:
    """Open one case a number, the oldest first, each with so many members."""
    found = casebook.parties(services, sum(sizes) + len(sizes))
    cases = []
    for hours, size in enumerate(sizes):
        first, *members = (found.pop(0) for _ in range(size + 1))
        cases.append(casebook.case(first, members, hours=50 - hours))
    services.desk.open_cases(cases)
    return cases


def start(page: Page) -> None:
    """Reach the queue's button with the Tab key and press it: its first case comes."""
    page.reload()
    button = page.get_by_role("button", name="Start: Same photo")
    for _ in range(30):
        if button.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/trust/cases/**")


def verdicts(services: Services, case: Case) -> list[str | None]:
    return [member.verdict for member in services.desk.case(case.id).members]


def test_queue_is_worked_through_by_keyboard_alone(mika: Page, services: Services) -> None:
    pair, skipped, group = opened(services, 1, 1, 3)
    start(mika)
    mika.wait_for_url(f"**/trust/cases/{pair.id}")

    # Decided by mistake, undone, decided otherwise.
    mika.keyboard.press("1")
    expect(mika.get_by_role("radio", name="Duplicate")).to_be_checked()
    mika.keyboard.press("Enter")
    mika.wait_for_url(f"**/trust/cases/{skipped.id}?done={pair.id}")
    expect(mika.get_by_text("Decision saved for 1 member.")).to_be_visible()
    assert verdicts(services, pair) == ["duplicate"]
    mika.keyboard.press("u")
    mika.wait_for_url(f"**/trust/cases/{pair.id}")
    assert verdicts(services, pair) == [None]
    mika.keyboard.press("2")
    mika.keyboard.press("Enter")
    mika.wait_for_url(f"**/trust/cases/{skipped.id}?done={pair.id}")
    assert verdicts(services, pair) == ["stolen_photo"]

    # Skipped by mistake, taken back, skipped again.
    mika.keyboard.press("s")
    mika.wait_for_url(f"**/trust/cases/{group.id}?skipped={skipped.id}")
    assert services.desk.case(skipped.id).skipped_by == ("mika",)
    mika.keyboard.press("u")
    mika.wait_for_url(f"**/trust/cases/{skipped.id}")
    assert services.desk.case(skipped.id).skipped_by == ()
    services.desk.release(group.id, "mika")
    mika.keyboard.press("s")
    mika.wait_for_url(f"**/trust/cases/{group.id}?skipped={skipped.id}")

    # Two of the group at once, the third by itself, then preview and confirm.
    mika.keyboard.press("x")
    mika.keyboard.press("j")
    expect(mika.get_by_text("Member 2", exact=True).first).to_be_visible()
    mika.keyboard.press("x")
    expect(mika.locator("#selected")).to_have_text("selected: 2")
    mika.keyboard.press("1")
    expect(mika.locator("#selected")).to_have_text("selected: 0")
    mika.keyboard.press("ArrowRight")
    mika.keyboard.press("4")
    mika.keyboard.press("Enter")
    preview = mika.locator("#preview")
    expect(preview).to_contain_text("Duplicate: 2 members")
    expect(preview).to_contain_text("Different: 1 member")
    assert verdicts(services, group) == [None, None, None]
    mika.wait_for_load_state()  # before it, no script listens to keys
    mika.keyboard.press("Enter")
    mika.wait_for_url(f"**/trust/next/same_photo?done={group.id}")
    expect(mika.locator("#waiting")).to_contain_text("You skipped 1 case here")
    assert verdicts(services, group) == ["duplicate", "duplicate", "different"]


def test_members_are_compared_as_the_last_one_was(mika: Page, services: Services) -> None:
    opened(services, 3)
    start(mika)
    stages = mika.locator(".stages")
    mika.keyboard.press("o")
    expect(stages).to_have_attribute("data-view", "overlay")
    aligned = mika.locator(".aligned")
    aligned.evaluate("image => image.decode()")
    expect(aligned).to_have_css("opacity", "0.5")
    mika.get_by_label("Opacity").fill("80")
    expect(aligned).to_have_css("opacity", "0.8")
    mika.keyboard.press("f")
    expect(aligned).to_be_hidden()
    mika.keyboard.press("d")
    expect(stages).to_have_attribute("data-view", "difference")
    mika.locator(".differing").evaluate("image => image.decode()")
    mika.keyboard.press("+")
    mika.keyboard.press("j")
    expect(mika.locator(".stage-right figcaption")).to_contain_text("Member 2")
    expect(stages).to_have_attribute("data-view", "difference")
    expect(stages).to_have_class(re.compile("zoomed"))
    mika.keyboard.press("-")
    mika.keyboard.press("d")
    mika.keyboard.press("f")
    expect(stages).to_have_attribute("data-view", "side")
    expect(mika.locator(".own")).to_have_css("transform", "matrix(-1, 0, 0, 1, 0, 0)")


def test_veil_is_remembered_by_the_browser(mika: Page, services: Services) -> None:
    opened(services, 1)
    start(mika)
    mika.keyboard.press("b")
    mika.keyboard.press("g")
    expect(mika.locator(".own")).to_have_css("filter", "blur(18px) grayscale(1)")
    mika.reload()
    expect(mika.locator(".own")).to_have_css("filter", "blur(18px) grayscale(1)")
    mika.keyboard.press("g")
    expect(mika.locator(".own")).to_have_css("filter", "blur(18px)")


def test_keys_never_act_while_somebody_writes(mika: Page, services: Services) -> None:
    (case,) = opened(services, 1)
    start(mika)
    mika.keyboard.press("c")
    expect(mika.get_by_label("Comment", exact=True)).to_be_focused()
    mika.keyboard.type("so bad 12 u? x")
    expect(mika.get_by_label("Comment", exact=True)).to_have_value("so bad 12 u? x")
    assert mika.url.endswith(case.id)
    expect(mika.locator(".verdicts :checked")).to_have_count(0)
    expect(mika.locator("html")).not_to_have_class(re.compile("veil-blur"))
    expect(mika.locator("#legend")).to_be_hidden()


def test_browser_keeps_its_own_shortcuts(mika: Page, services: Services) -> None:
    opened(services, 1)
    start(mika)
    mika.keyboard.press("Control+b")
    mika.keyboard.press("Alt+1")
    expect(mika.locator("html")).not_to_have_class(re.compile("veil-blur"))
    expect(mika.locator(".verdicts :checked")).to_have_count(0)


def test_legend_lists_what_works_on_this_page(mika: Page, services: Services) -> None:
    opened(services, 1)
    mika.keyboard.press("?")
    legend = mika.locator("#legend")
    expect(legend.locator("dt")).to_have_text(["?"])
    mika.keyboard.press("Escape")
    start(mika)
    mika.keyboard.press("?")
    shown = [text.split() for text in legend.locator("dt").all_inner_texts()]
    table = mika.evaluate(
        "async () => (await import('/static/js/trust-keys.js')).BINDINGS.map(b => b.keys)"
    )
    signs = {"Enter": "↵", "ArrowRight": "→", "ArrowLeft": "←"}
    known = [[signs.get(key, key) for key in keys] for keys in table]
    assert [keys for keys in known if keys in shown] == shown
    assert ["j", "→"] not in shown
    assert ["1", "2", "3", "4"] in shown
    assert "undefined" not in legend.inner_text()
    assert all(legend.locator("dd").all_inner_texts())
    mika.keyboard.press("s")
    expect(legend).to_be_visible()


def test_slider_previews_every_queue_before_anything_is_asked(
    mika: Page, services: Services
) -> None:
    parties = casebook.parties(services, 6)
    likely = [0.99, 0.9, 0.6]
    services.desk.open_cases(
        [
            casebook.case(parties[2 * n], [parties[2 * n + 1]], p_same_photo=p, hours=9 - n)
            for n, p in enumerate(likely)
        ]
    )
    mika.reload()
    total = mika.locator(".threshold output")
    expect(total).to_have_text("3")
    mika.get_by_label("Minimum probability").focus()
    for _ in range(3):
        mika.keyboard.press("PageUp")
    mika.get_by_label("As a number, 0 to 1").fill("0.95")
    expect(total).to_have_text("1")
    expect(mika.locator(".queue-left output")).to_have_text("1")
    mika.get_by_role("button", name="Start: Same photo").click()
    mika.wait_for_url("**min_probability=0.95")
    mika.keyboard.press("3")
    mika.keyboard.press("Enter")
    expect(mika.locator("#waiting")).to_contain_text("reaches the minimum probability")


def test_two_reviewers_never_decide_one_case(
    mika: Page, chromium: Browser, address: str, services: Services
) -> None:
    (case,) = opened(services, 1)
    start(mika)
    services.desk.release(case.id, "mika")
    with reviewer(chromium, address, services, "jon", expected="409") as jon:
        start(jon)
        jon.keyboard.press("4")
        services.desk.release(case.id, "jon")
        services.desk.claim(case.id, "mika")
        jon.keyboard.press("Enter")
        expect(jon.locator("#conflict")).to_contain_text("mika has been reviewing this case since")
        expect(jon.get_by_role("button", name="Next case")).to_be_visible()
    assert verdicts(services, case) == [None]


def test_enter_without_a_choice_says_what_is_missing(mika: Page, services: Services) -> None:
    (pair,) = opened(services, 1)
    start(mika)
    mika.wait_for_load_state()  # before it, no script listens to keys
    mika.keyboard.press("Enter")
    expect(mika.get_by_role("alert")).to_have_text("Choose a verdict first.")
    expect(mika.get_by_role("radio", name="Duplicate")).to_be_focused()
    assert verdicts(services, pair) == [None]
    mika.keyboard.press("3")
    expect(mika.get_by_role("alert")).to_be_hidden()


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
@pytest.mark.parametrize("members", [1, 3])
def test_verdicts_stay_in_sight(
    mika: Page, services: Services, size: tuple[int, int], members: int
) -> None:
    opened(services, members)
    start(mika)
    mika.set_viewport_size({"width": size[0], "height": size[1]})
    for place in ("0", "document.body.scrollHeight"):
        mika.evaluate(f"scrollTo(0, {place})")
        for name in ("Duplicate", "Used without permission", "Permitted", "Different"):
            expect(mika.get_by_role("radio", name=name)).to_be_in_viewport(ratio=1)
        expect(mika.locator("#confirm")).to_be_in_viewport(ratio=1)
