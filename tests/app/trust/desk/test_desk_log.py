"""The log of decisions: filtered, paged without a slip, and safe to open in a spreadsheet."""

import csv
import io
from datetime import timedelta

import pytest

from app.trust.desk.decision_log import COLUMNS, LogFilter
from core.errors import InvalidQuery, UnknownName
from mappings.engine.gateway import Gateway
from tests.support.desk import Office, case, office, party


@pytest.fixture
def at_work(gateway: Gateway, alias: str) -> Office:
    return office(gateway, alias)


def read(at_work: Office, wanted: LogFilter) -> list[dict[str, str]]:
    lines = list(at_work.desk.log_csv(wanted))
    assert all(line.endswith("\r\n") for line in lines)
    text = "".join(lines)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_filters_pick_their_lines(at_work: Office) -> None:
    one, other = at_work.opened(case(), case(queue="flood"))
    at_work.decided(one, "aoi", "duplicate")
    before = at_work.clock.at
    at_work.clock.pass_by(hours=1)
    at_work.decided(other, "ben", "permitted")
    at_work.desk.undo(other.id, "aoi")
    at_work.desk.record("bank_added", "ben", subject="bank:7", comment="from the maker")

    def found(**wanted: object) -> list[tuple[str, str]]:
        entries = at_work.desk.log_page(LogFilter(**wanted)).entries  # type: ignore[arg-type]
        return [(entry.reviewer, entry.action) for entry in entries]

    newest_first = [
        ("ben", "bank_added"),
        ("aoi", "undone"),
        ("ben", "decided"),
        ("aoi", "decided"),
    ]
    assert found() == newest_first
    assert found(reviewer="ben") == [newest_first[0], newest_first[2]]
    assert found(action="undone") == [newest_first[1]]
    assert found(queue="same_photo") == [newest_first[3]]
    assert found(verdict="permitted") == [newest_first[1], newest_first[2]]
    assert found(case_id=one.id) == [newest_first[3]]
    assert found(policy="default") == newest_first
    assert found(policy="older") == []
    assert found(since=before + timedelta(minutes=1)) == newest_first[:3]
    assert found(until=before + timedelta(minutes=1)) == newest_first[3:]
    assert found(reviewer="aoi", action="decided") == [newest_first[3]]


def test_pages_follow_each_other_while_the_log_grows(at_work: Office) -> None:
    for number in range(7):
        at_work.desk.record("bank_added", "aoi", subject=f"bank:{number}")
    page = at_work.desk.log_page(LogFilter(), size=3)
    assert page.total == 7
    seen = [entry.subject for entry in page.entries]
    while page.cursor:
        at_work.desk.record("bank_removed", "ben", subject="bank:late")
        page = at_work.desk.log_page(LogFilter(), size=3, cursor=page.cursor)
        seen += [entry.subject for entry in page.entries]
    assert seen == [f"bank:{number}" for number in range(6, -1, -1)]


@pytest.mark.parametrize("cursor", ["nonsense", "e30", "WzFd"])
def test_a_foreign_cursor_is_refused(at_work: Office, cursor: str) -> None:
    with pytest.raises(InvalidQuery, match="cursor"):
        at_work.desk.log_page(LogFilter(), cursor=cursor)


def test_an_unknown_action_is_not_logged(at_work: Office) -> None:
    with pytest.raises(UnknownName):
        at_work.desk.record("looked", "aoi")


def test_csv_has_a_row_for_each_verdict_and_one_for_an_act_without(at_work: Office) -> None:
    b, c = party("b"), party('c,\n"d"')
    (asked,) = at_work.opened(case(b, c))
    at_work.desk.comment(asked.id, "ben", "see the\nlabel")
    at_work.decided(asked, "aoi", "different")
    rows = read(at_work, LogFilter())
    assert tuple(rows[0]) == COLUMNS
    assert [(row["product_id"], row["image_id"], row["verdict"]) for row in rows] == [
        (b.product_id, b.image_id, "different"),
        (c.product_id, c.image_id, "different"),
        ("", "", ""),
    ]
    assert (rows[2]["action"], rows[2]["comment"]) == ("commented", "see the\nlabel")
    assert read(at_work, LogFilter(action="undone")) == []


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_is_a_formula(at_work: Office, begin: str) -> None:
    text = f"{begin}HYPERLINK(1)"
    at_work.desk.record("bank_added", text, subject=text, comment=text)
    (row,) = read(at_work, LogFilter())
    assert {row["reviewer"], row["subject"], row["comment"]} == {f"'{text}"}
