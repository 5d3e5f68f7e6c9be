"""Whoever dies between a decision and its consequences leaves them to the next who looks."""

import pytest

from app.trust.desk.decision_log import LogFilter
from core.errors import EngineUnavailable
from features.base import Json
from mappings.engine.gateway import Gateway
from tests.support.desk import Office, case, office, party


class Died(BaseException):
    """Stands for a process that is killed at that point: nothing after it runs."""


def dying(office: Office, before: str) -> None:
    """Let the office's process die before it keeps verdicts, or before it adds to the log."""

    def die(*_: Json) -> None:
        raise Died

    part = office.desk._pair_verdicts if before == "save" else office.desk._log
    setattr(part, before, die)


@pytest.mark.parametrize("before", ["save", "append"])
def test_a_decision_is_finished_by_whoever_acts_on_the_case_next(
    gateway: Gateway, alias: str, before: str
) -> None:
    killed, survivor = office(gateway, alias), office(gateway, alias)
    (asked,) = killed.opened(case(b := party("b")))
    dying(killed, before)
    with pytest.raises(Died):
        killed.decided(asked, "aoi")
    survivor.clock.at = killed.clock.at
    survivor.desk.comment(asked.id, "ben", "what happened here?")
    assert survivor.desk.decided_pairs([(b, asked.representative)])
    entries = survivor.desk.log_page(LogFilter(case_id=asked.id)).entries
    assert [(e.action, e.reviewer) for e in entries] == [("commented", "ben"), ("decided", "aoi")]
    assert [one["type"] for one in survivor.told] == ["case.decided"]


def test_a_process_that_starts_later_finishes_it_unasked(gateway: Gateway, alias: str) -> None:
    killed = office(gateway, alias)
    (asked,) = killed.opened(case(b := party("b")))
    dying(killed, "save")
    with pytest.raises(Died):
        killed.decided(asked, "aoi")
    later = office(gateway, alias)
    later.clock.at = killed.clock.at
    later.clock.pass_by(minutes=2)
    assert later.desk.decided_pairs([(b, asked.representative)])
    assert later.desk.log_page(LogFilter(case_id=asked.id)).total == 1


def test_an_undo_is_finished_as_well(gateway: Gateway, alias: str) -> None:
    killed, survivor = office(gateway, alias), office(gateway, alias)
    (asked,) = killed.opened(case(b := party("b")))
    killed.decided(asked, "aoi")
    dying(killed, "append")
    with pytest.raises(Died):
        killed.desk.undo(asked.id, "aoi")
    survivor.clock.at = killed.clock.at
    decided = survivor.decided(asked, "aoi", "different")
    assert [member.verdict for member in decided.members] == ["different"]
    assert survivor.desk.decided_pairs([(b, asked.representative)])
    entries = survivor.desk.log_page(LogFilter(case_id=asked.id)).entries
    assert [entry.action for entry in entries] == ["decided", "undone", "decided"]


def test_an_absent_engine_is_told_and_the_desk_works_when_it_is_back(
    gateway: Gateway, alias: str
) -> None:
    away = office(Gateway("http://127.0.0.1:9"), alias)
    with pytest.raises(EngineUnavailable):
        away.desk.queue_states()
    back = office(gateway, alias)
    assert back.desk.queue_states()["flood"].open == 0
