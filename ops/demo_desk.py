"""``python -m ops.demo_desk``: first decisions at the demo shop's desk, so that every queue lives.

`make run` starts it beside the first sweep of the demo shop. Once the sweep has opened cases, two
demo reviewers decide some of them by rule, look at some of these a second time, skip, comment and
undo once; then a listing's picture is blocked. All of it is marked: reviewers `demo-mika` and
`demo-jon`, who have no accounts, and the policy `demo`.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from app.services import build_services
from app.settings import AppSettings
from app.trust.banks.entry import EntryDetails
from app.trust.desk.case import Case
from app.trust.desk.decision_log import LogFilter
from app.trust.desk.desk import Desk
from app.trust.desk.second_looks import QUEUE as SECOND_LOOK
from core.environment import Environment
from features.registry import load
from indexer.demo.shop_plan import Relisting, plan_shop
from mappings.catalogue.products import PICTURES
from mappings.engine.connection import connect
from mappings.trust.desk import DeskIndex
from ops.demo_state import mark_demo_desk

POLICY = "demo"
REVIEWERS = ("demo-mika", "demo-jon")
PRODUCTS = 300

QUEUES = ("same_photo", "same_file")
DECISIONS = 8
"""Cases decided at most, and no more than a third of those that wait: a visitor wants some too."""

SECOND_LOOKS = 4
"""Second looks decided, of which the last contradicts the first decision."""

POLL_S, PATIENCE_S = 3.0, 3600.0
NICENESS = 10
"""Searches and the sweep come first."""


def main() -> None:
    """Wait for the cases of the first sweep, then decide some; do nothing the second time."""
    os.nice(NICENESS)
    environment = Environment.current()
    settings = AppSettings.from_env(environment)
    marked = replace(settings.desk, policy=POLICY, second_looks=1.0)
    gateway = connect(settings.engine, api_key=settings.desk.api_key)
    desk = Desk(DeskIndex(gateway, marked.index), marked)
    relistings = plan_shop(PRODUCTS).relistings
    if not desk.log_page(LogFilter(policy=POLICY), 1).total:
        if not wait_for_cases(desk):
            return
        review(desk, {(each.id, each.original_id) for each in relistings})
        block(replace(settings, desk=marked), environment, relistings[0])
    mark_demo_desk(environment)


def wait_for_cases(desk: Desk, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Return True once a sweep has opened cases and opens no more, False after PATIENCE_S."""
    before = 0
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        states = desk.queue_states()
        waiting = sum(states[queue].open for queue in QUEUES)
        if waiting and waiting == before:
            return True
        before = waiting
        sleep(POLL_S)
    return False


def review(desk: Desk, relistings: set[tuple[str, str]]) -> None:
    """Decide cases, the relistings known to be stolen as such, and look at some again."""
    states = desk.queue_states()
    limit = min(DECISIONS, sum(states[queue].open for queue in QUEUES) // 3)
    decided: list[Case] = []
    for queue in QUEUES:
        while len(decided) < limit:
            reviewer = REVIEWERS[len(decided) % 2]
            case = desk.claim_next(queue, reviewer)
            if case is None:
                break
            if not decided:
                desk.comment(case.id, reviewer, "Decided by rule, for the demo.")
                case = desk.case(case.id)
            decided.append(_decide(desk, case, reviewer, _by_truth(case, relistings)))
    if decided:
        mistaken = decided[-1]
        reviewer = mistaken.decided_by or REVIEWERS[0]
        again = desk.undo(mistaken.id, reviewer)
        _decide(desk, again, reviewer, _by_truth(again, relistings))
    _look_again(desk, relistings)
    if case := desk.claim_next(QUEUES[0], REVIEWERS[0]):
        desk.skip(case.id, REVIEWERS[0], "Left to somebody else, for the demo.")


def _look_again(desk: Desk, relistings: set[tuple[str, str]]) -> None:
    looks = 0
    for reviewer in REVIEWERS:
        while looks < SECOND_LOOKS and (case := desk.claim_next(SECOND_LOOK, reviewer)):
            looks += 1
            verdicts = _by_truth(case, relistings)
            if looks == SECOND_LOOKS:
                verdicts = dict.fromkeys(verdicts, "permitted")
            _decide(desk, case, reviewer, verdicts)
            if looks == SECOND_LOOKS // 2:
                break


def _decide(desk: Desk, case: Case, reviewer: str, verdicts: Mapping[str, str]) -> Case:
    assert case.version is not None, "a case that came from the engine has one"
    return desk.decide(case.id, reviewer, verdicts, version=case.version)


def _by_truth(case: Case, relistings: set[tuple[str, str]]) -> dict[str, str]:
    """Return the verdict of each member: stolen where the demo shop's plan relists one of two."""
    return {
        member.picture.key: (
            "stolen_photo" if {(copy, original), (original, copy)} & relistings else "different"
        )
        for member in case.members
        for copy, original in [(member.picture.product_id, case.other_picture(member).product_id)]
    }


def block(settings: AppSettings, environment: Environment, relisting: Relisting) -> None:
    """Block the picture that a relisting copied: every listing that shows it becomes a case."""
    services = build_services(settings, load(environment))
    try:
        product = services.catalogue.product(relisting.original_id)
        details = EntryDetails(
            reason="Demo: a picture that its owner reported",
            rights_holder="Demo rights holder",
            policy=POLICY,
            list=POLICY,
        )
        image_id = product[PICTURES][0]["image_id"]
        services.banks.add_from_listing(
            "blocked", relisting.original_id, image_id, details, REVIEWERS[0]
        )
    finally:
        services.close()


if __name__ == "__main__":
    main()
