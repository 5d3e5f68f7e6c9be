"""What is recorded stays, whoever dies: threads, processes and kill -9 on one file."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from indexer.ledger.content_hash import ContentHash, hash_content
from indexer.ledger.entry import LedgerEntry
from indexer.ledger.errors import LedgerUnavailable
from indexer.ledger.ledger import Ledger
from indexer.ledger.ordering import ChangeOrder, History, decide_fields, decide_whole

CUP = hash_content({"id": "cup", "price": 3.0}, ["cup.jpg"])
DAY_S = 86_400


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(tmp_path / "products.sqlite3")
    yield ledger
    ledger.close()


def put(ledger: Ledger, key: str, content: ContentHash = CUP) -> LedgerEntry:
    order = ChangeOrder(ledger.next_arrival())
    before = ledger.entry(key)
    history = decide_whole(before.history if before else None, order, key)
    assert history is not None
    with ledger.lock([key]):
        (entry,) = ledger.record([LedgerEntry(key, history, content)], {key: {"id": key}})
        ledger.complete([entry])
    return entry


def delete(ledger: Ledger, key: str) -> None:
    history = History(ChangeOrder(ledger.next_arrival()))
    with ledger.lock([key]):
        ledger.complete(ledger.record([LedgerEntry(key, history, is_deleted=True)]))


def test_entry_is_read_as_it_was_recorded(ledger: Ledger) -> None:
    history = decide_whole(None, ChangeOrder(1, 7, "shop"), "a cup")
    assert history is not None
    history, accepted = decide_fields(
        history, ChangeOrder(2, 8, "shop"), {"price": 2.5, "gtin": None}
    )
    assert accepted == {"price": 2.5, "gtin": None}
    (recorded,) = ledger.record([LedgerEntry("cup", history, CUP)], {"cup": {"id": "cup"}})
    assert recorded.is_pending
    assert ledger.entry("cup") == recorded
    assert ledger.documents(["cup", "pot"]) == {"cup": {"id": "cup"}}
    assert ledger.pending() == ["cup"]
    ledger.complete([recorded])
    now = ledger.entry("cup")
    assert now is not None
    assert (now.history, now.is_pending, now.sequence) == (history, False, recorded.sequence)
    assert now.has_content(CUP)
    assert ledger.pending() == []
    assert ledger.documents(["cup"]) == {}


def test_a_pending_product_counts_as_unwritten(ledger: Ledger) -> None:
    (recorded,) = ledger.record([LedgerEntry("cup", History(ChangeOrder(1)), CUP)])
    assert not recorded.has_content(CUP)


def test_a_refused_change_leaves_what_was_known(ledger: Ledger) -> None:
    put(ledger, "cup")
    before = ledger.entries(["cup"])
    ledger.record(
        [LedgerEntry("cup", History(ChangeOrder(9))), LedgerEntry("pot", History(ChangeOrder(9)))]
    )
    ledger.restore(["cup", "pot"], before)
    restored = ledger.entry("cup")
    assert restored is not None
    assert restored.has_content(CUP)
    assert ledger.entry("pot") is None


def test_sequence_numbers_increase_over_processes_and_a_lost_ledger(tmp_path: Path) -> None:
    first, second = Ledger(tmp_path / "a.sqlite3"), Ledger(tmp_path / "a.sqlite3")
    numbers = [ledger.next_arrival() for _ in range(50) for ledger in (first, second)]
    assert numbers == sorted(set(numbers))
    anew = Ledger(tmp_path / "b.sqlite3")
    assert anew.next_arrival() > numbers[-1]
    for ledger in (first, second, anew):
        ledger.close()


def test_changes_since_a_number_name_what_was_changed_and_deleted(ledger: Ledger) -> None:
    put(ledger, "cup")
    before = ledger.settled_sequence()
    put(ledger, "pot")
    delete(ledger, "jug")
    assert ledger.changed_since(before) == ["pot", "jug"]


def test_scan_yields_what_is_there_page_by_page(ledger: Ledger) -> None:
    for number in range(7):
        put(ledger, f"p{number}")
    delete(ledger, "p3")
    pages = list(ledger.scan(size=4))
    assert [[entry.id for entry in page] for page in pages] == [
        ["p0", "p1", "p2", "p4"],
        ["p5", "p6"],
    ]
    assert [entry.id for page in ledger.scan(is_deleted=True) for entry in page] == ["p3"]


def test_tombstones_stay_as_long_as_they_are_set_to(ledger: Ledger) -> None:
    put(ledger, "cup")
    delete(ledger, "pot")
    assert ledger.expire_tombstones(time.time() + 6.9 * DAY_S) == 0
    assert ledger.entry("pot") is not None
    assert ledger.expire_tombstones(time.time() + 7.1 * DAY_S) == 1
    assert ledger.entry("pot") is None
    assert ledger.entry("cup") is not None


def test_baseline_is_what_was_there_and_overrides_no_later_change(ledger: Ledger) -> None:
    began = ledger.next_arrival()
    put(ledger, "cup")
    delete(ledger, "pot")
    other = hash_content({"id": "x"}, [])
    names = ["cup", "pot", "jug"]
    assert ledger.take_as_baseline(((name, other) for name in names), began) == 1
    entries = ledger.entries(names)
    assert entries["cup"].has_content(CUP)
    assert entries["pot"].is_deleted
    assert entries["jug"].has_content(other)
    later = ledger.next_arrival()
    assert ledger.take_as_baseline([("cup", other)], later) == 1
    assert ledger.entries(["cup"])["cup"].has_content(other)


def test_what_a_new_index_does_not_have_is_deleted(ledger: Ledger) -> None:
    put(ledger, "cup")
    put(ledger, "pot")
    began = ledger.next_arrival()
    put(ledger, "jug")
    assert ledger.take_as_baseline([("cup", CUP)], began) == 1
    assert ledger.delete_older(began) == 1
    entries = ledger.entries(["cup", "pot", "jug"])
    assert [entries[name].is_deleted for name in ("cup", "pot", "jug")] == [False, True, False]
    delete(ledger, "jug")
    ledger.forget_present()
    assert list(ledger.entries(["cup", "pot", "jug"])) == ["jug"]


def test_a_file_that_is_no_ledger_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "products.sqlite3"
    path.write_bytes(b"not a database" * 1000)
    ledger = Ledger(path)
    with pytest.raises(LedgerUnavailable, match=r"products\.sqlite3.*move the file away"):
        ledger.entry("cup")


def test_threads_record_side_by_side(ledger: Ledger) -> None:
    def write(number: int) -> int:
        return put(ledger, f"p{number % 10}").sequence

    with ThreadPoolExecutor(8) as threads:
        sequences = list(threads.map(write, range(80)))
    assert len(set(sequences)) == 80
    assert {entry.sequence for page in ledger.scan() for entry in page} <= set(sequences)
    assert ledger.pending() == []


def test_lock_lets_threads_in_singly(ledger: Ledger) -> None:
    inside, most = 0, 0

    def work(_: int) -> None:
        nonlocal inside, most
        with ledger.lock(["cup", "pot"]):
            inside += 1
            most = max(most, inside)
            time.sleep(0.002)
            inside -= 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, range(40)))
    assert (inside, most) == (0, 1)


def test_locks_of_different_products_are_held_together(ledger: Ledger) -> None:
    entered = threading.Event()

    def hold_other() -> None:
        with ledger.lock(["pot"]):
            entered.set()

    with ledger.lock(["cup"]):
        thread = threading.Thread(target=hold_other)
        thread.start()
        assert entered.wait(5)
        thread.join()


WRITER = """
import sys
from pathlib import Path
from indexer.ledger.entry import LedgerEntry
from indexer.ledger.ledger import Ledger
from indexer.ledger.ordering import ChangeOrder, History

ledger = Ledger(Path(sys.argv[1]))
if sys.argv[2] == "hold":
    with ledger.lock(["cup"]):
        ledger.record([LedgerEntry("cup", History(ChangeOrder(1)))], {"cup": {"id": "cup"}})
        print("held", flush=True)
        sys.stdin.readline()
for number in range(100_000):
    key = f"{sys.argv[2]}-{number}"
    with ledger.lock([key]):
        change = LedgerEntry(key, History(ChangeOrder(number)))
        (entry,) = ledger.record([change], {key: {"id": key}})
        print(key, flush=True)
        ledger.complete([entry])
"""


def start(path: Path, name: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(path), name]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def kill(process: subprocess.Popen[str]) -> list[str]:
    """Kill a process at once; return what it had printed and nobody had read."""
    os.kill(process.pid, signal.SIGKILL)
    with process:
        assert process.stdout is not None
        # A line that the kill cut short says nothing.
        return [line.strip() for line in process.stdout if line.endswith("\n")]


def test_a_killed_writer_leaves_its_lock_and_a_pending_entry_with_its_document(
    tmp_path: Path,
) -> None:
    path = tmp_path / "products.sqlite3"
    process = start(path, "hold")
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    ledger = Ledger(path)
    acquired = threading.Event()

    def acquire() -> None:
        with ledger.lock(["cup"]):
            acquired.set()

    thread = threading.Thread(target=acquire)
    thread.start()
    assert not acquired.wait(0.3)
    kill(process)
    assert acquired.wait(5)
    thread.join()
    assert ledger.pending() == ["cup"]
    assert ledger.documents(["cup"]) == {"cup": {"id": "cup"}}
    ledger.close()


def test_killed_writers_lose_nothing_they_recorded(tmp_path: Path) -> None:
    path = tmp_path / "products.sqlite3"
    recorded: list[str] = []
    for life in range(3):
        writers = [start(path, f"{name}{life}") for name in "ab"]
        for process in writers:
            assert process.stdout is not None
            recorded += [process.stdout.readline().strip() for _ in range(20 + 10 * life)]
        for process in writers:
            recorded += kill(process)
    ledger = Ledger(path)
    stored = ledger.entries(recorded)
    assert set(stored) == set(recorded)
    # Whatever was under way when a writer was killed is pending, at most one of each.
    pending = set(ledger.pending())
    assert len(pending) <= 6
    assert set(ledger.documents(pending)) == pending
    ledger.close()


def test_what_is_not_yet_in_the_index_is_not_settled(ledger: Ledger) -> None:
    history = History(ChangeOrder(ledger.next_arrival()))
    first, second = ledger.record([LedgerEntry("a", history), LedgerEntry("b", history)])
    ledger.complete([second])
    assert ledger.settled_sequence() < first.sequence
    assert ledger.changed_since(ledger.settled_sequence()) == ["a", "b"]
    ledger.complete([first])
    assert ledger.settled_sequence() >= second.sequence
    assert ledger.changed_since(ledger.settled_sequence()) == []
