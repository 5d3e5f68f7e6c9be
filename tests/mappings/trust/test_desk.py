"""The desk's indices: made once, strict, and written only over what was read."""

import threading
from dataclasses import replace

import pytest

from core.errors import EngineRefused
from features.base import Json
from mappings.engine.documents import Documents, VersionedWrite
from mappings.engine.gateway import Gateway
from mappings.trust.desk import DeskIndex


@pytest.fixture
def index(gateway: Gateway, alias: str) -> DeskIndex:
    index = DeskIndex(gateway, alias)
    index.prepare()
    return index


@pytest.fixture
def cases(index: DeskIndex) -> Documents:
    return index.cases


def test_several_prepare_at_once_and_the_indices_are_there_once(
    gateway: Gateway, alias: str
) -> None:
    failures: list[BaseException] = []

    def prepare() -> None:
        try:
            DeskIndex(gateway, alias).prepare()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=prepare) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    kinds = ("cases", "decisions", "policies", "verdicts")
    assert gateway.indices(f"{alias}-*") == [f"{alias}-{kind}" for kind in kinds]


def test_index_of_an_earlier_version_gets_the_fields_it_lacks(gateway: Gateway, alias: str) -> None:
    mapping: Json = {"dynamic": "strict", "properties": {"id": {"type": "keyword"}}}
    gateway.create_index(f"{alias}-cases", mapping, {})
    DeskIndex(gateway, alias).prepare()
    assert gateway.properties(f"{alias}-cases")["relatives"] == {
        "type": "object", "enabled": False,
    }  # fmt: skip


def test_a_field_nobody_declared_is_refused(cases: Documents) -> None:
    with pytest.raises(EngineRefused, match="strict_dynamic_mapping"):
        cases.create("a", {"id": "a", "colour": "red"})


def test_what_is_only_shown_may_have_any_shape(cases: Documents) -> None:
    source: Json = {"id": "a", "members": [{"x": 1}, {"x": {"y": [1, "two", None]}}]}
    cases.create("a", source)
    stored = cases.get("a")
    assert stored is not None
    assert stored.source == source


def test_a_document_is_created_once(cases: Documents) -> None:
    assert cases.create("a", {"id": "a", "queue": "flood"})
    assert cases.create("a", {"id": "a", "queue": "blocked"}) is None
    stored = cases.get("a")
    assert stored is not None
    assert stored.source["queue"] == "flood"


def test_of_two_writes_over_one_state_the_second_is_told(cases: Documents) -> None:
    first = cases.create("a", {"id": "a"})
    assert first
    second = cases.replace({"id": "a", "holder": "aoi"}, first)
    assert second
    assert cases.replace({"id": "a", "holder": "ben"}, first) is None
    assert cases.replace({"id": "a", "holder": "ben"}, second)


def test_a_write_the_client_repeats_is_recognised_as_its_own(cases: Documents) -> None:
    first = cases.create("a", {"id": "a"})
    assert first
    ours = {"id": "a", "holder": "aoi", "members": [{"size": (1, 2)}]}
    written = cases.replace(ours, first)
    assert written
    assert cases.replace(ours, first) == replace(
        written, source=written.source | {"members": [{"size": [1, 2]}]}
    )


def test_a_document_is_readable_before_it_is_findable(cases: Documents) -> None:
    cases.create("a", {"id": "a", "queue": "flood", "state": "open"})
    assert cases.get("a")
    assert cases.get("b") is None
    partly = cases.get_many(["a", "b"], ["state"])
    assert {key: stored.source for key, stored in partly.items()} == {"a": {"state": "open"}}


def test_of_two_versions_the_higher_stays_whichever_comes_last(index: DeskIndex) -> None:
    pairs = index.verdicts
    pairs.write_many([VersionedWrite("p", {"verdict": "different"}, 7)])
    pairs.write_many([VersionedWrite("p", {"verdict": "duplicate"}, 6)])
    stored = pairs.get("p")
    assert stored is not None
    assert stored.source == {"verdict": "different"}
    pairs.write_many([VersionedWrite("p", None, 8)])
    pairs.write_many([VersionedWrite("p", {"verdict": "different"}, 7)])
    assert pairs.get("p") is None


def test_a_bulk_write_that_is_refused_says_why(index: DeskIndex) -> None:
    with pytest.raises(EngineRefused, match="refused"):
        index.verdicts.write_many([VersionedWrite("p", {"colour": "red"}, 1)])


def test_a_walk_sees_every_document_of_many_pages(index: DeskIndex) -> None:
    lines = index.decisions
    names = [f"{number:04d}" for number in range(450)]
    lines.write_many([VersionedWrite(name, {"id": name}, 1) for name in names])
    lines.refresh()
    body = {"query": {"match_all": {}}, "sort": [{"id": "asc"}]}
    assert [stored.id for stored in lines.scan(body)] == names
