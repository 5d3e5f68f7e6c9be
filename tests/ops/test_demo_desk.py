"""The demo's desk gets decisions of every kind, by rule, and each is marked as the demo's."""

import secrets
from collections.abc import Iterator

import pytest

from app.services import Services
from app.trust.banks.entry import PREFIX
from indexer.demo.shop_plan import Relisting
from mappings.engine.gateway import Gateway
from ops import demo_desk
from tests.support import casebook
from tests.support.desk import Office, case, office, party
from tests.support.reviewing import services, started
from tests.support.shop import Shop

__all__ = ["services", "started"]

CASES = 15


@pytest.fixture
def demo(gateway: Gateway) -> Iterator[Office]:
    prefix = f"test-{secrets.token_hex(6)}"
    yield office(gateway, prefix, second_looks=1.0, policy=demo_desk.POLICY)
    for index in gateway.indices(f"{prefix}-*"):
        gateway.delete_index(index)


def opened(demo: Office) -> set[tuple[str, str]]:
    """Open cases, and return the pairs of which one relists the other: all but the third."""
    cases = [
        case(party(f"copy-{number:02d}"), representative=party(f"original-{number:02d}"))
        for number in range(CASES)
    ]
    demo.opened(*cases)
    return {
        (f"copy-{number:02d}", f"original-{number:02d}") for number in range(CASES) if number != 2
    }


def test_a_third_is_decided_by_two_reviewers_and_the_rest_waits(demo: Office) -> None:
    truth = opened(demo)
    demo_desk.review(demo.desk, truth)
    states = demo.desk.queue_states()
    assert states["same_photo"].open == CASES - CASES // 3
    # The second looks that are left; none is with anybody.
    assert states["second_look"].open == CASES // 3 - demo_desk.SECOND_LOOKS
    assert {state.claimed for state in states.values()} == {0}
    log = demo.desk.log_page(demo_desk.LogFilter(policy=demo_desk.POLICY)).entries
    assert {entry.reviewer for entry in log} == set(demo_desk.REVIEWERS)
    assert {entry.action for entry in log} == {"decided", "undone", "skipped", "commented"}


def test_verdicts_follow_the_plan_of_the_shop(demo: Office) -> None:
    truth = opened(demo)
    demo_desk.review(demo.desk, truth)
    log = demo.desk.log_page(demo_desk.LogFilter(action="decided", queue="same_photo")).entries
    for entry in log:
        ((key, verdict),) = entry.verdicts.items()
        copy = key.partition(":")[2]
        assert verdict == ("different" if copy == "copy-02" else "stolen_photo")
    (pair,) = demo.desk.agreement()
    assert (pair.first, pair.second) == ("demo-jon", "demo-mika")
    assert pair.members == demo_desk.SECOND_LOOKS
    assert pair.observed == pytest.approx(1 - 1 / demo_desk.SECOND_LOOKS)


def test_few_cases_are_left_to_the_visitor(demo: Office) -> None:
    demo.opened(case(), case(representative=party("other")))
    demo_desk.review(demo.desk, set())
    assert demo.desk.queue_states()["same_photo"].open == 2


def test_wait_ends_when_no_more_cases_are_opened(demo: Office) -> None:
    naps: list[float] = []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) == 2:
            opened(demo)

    assert demo_desk.wait_for_cases(demo.desk, nap)
    assert len(naps) == 3


def test_wait_without_cases_gives_up(demo: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo_desk, "PATIENCE_S", 0.0)
    assert not demo_desk.wait_for_cases(demo.desk)


def test_blocked_picture_opens_a_case_of_every_listing_that_shows_it(
    services: Services, shop: Shop
) -> None:
    (original,) = casebook.parties(services, 1)
    relisting = Relisting("anything", original.product_id, "copy")
    demo_desk.block(services.settings, shop.environment, relisting)
    (entry,) = services.banks.page().entries
    try:
        assert (entry.bank, entry.policy, entry.list) == ("blocked", "demo", "demo")
        found = services.desk.claim_next("blocked", "mika")
        assert found is not None
        assert found.representative.product_id.startswith(PREFIX)
        assert original in {member.picture for member in found.members}
    finally:
        services.banks.remove(entry.id, "the test")
