"""The search log of several processes, killed ones and forks among them."""

import signal
from pathlib import Path

from app.events.event_log import EventLog
from mappings.engine.gateway import Gateway
from tests.support.search_events import stored, until, worker


def test_a_killed_worker_loses_nothing_it_has_written_and_doubles_nothing(
    gateway: Gateway, index: str, tmp_path: Path
) -> None:
    body = """
    for n in range(int(number)):
        log.record(event(f"{prefix}-{n:05}"))
        time.sleep(0.001)
    time.sleep(60)
    """
    written = 0
    for life in range(3):
        with worker(body, tmp_path, index, f"life{life}", 5000) as process:
            assert process.stdout
            lines = [process.stdout.readline() for _ in range(100 + 150 * life)]
            process.send_signal(signal.SIGKILL)
            written += len([line for line in lines + process.stdout.readlines() if line])
    log = EventLog(tmp_path, lambda batch: gateway.bulk_create(index, batch, stream=False))
    log.start()
    until(lambda: log.waiting_bytes() == 0)
    log.close()
    kept = stored(gateway, index)
    assert len(kept) == len(set(kept))
    # A line may have been written and the kill have come before the worker could tell us.
    assert written <= len(kept) <= written + 3 * 20
    for life in range(3):
        numbers = [name for name in kept if name.startswith(f"life{life}-")]
        assert numbers == [f"life{life}-{n:05}" for n in range(len(numbers))]


def test_two_processes_share_one_folder(gateway: Gateway, index: str, tmp_path: Path) -> None:
    body = """
    for n in range(int(number)):
        log.record(event(f"{prefix}-{n:04}"))
        time.sleep(0.002)
    log.close(30)
    """
    workers = [worker(body, tmp_path, index, name, 400) for name in ("a", "b")]
    assert [process.communicate()[0] and process.returncode for process in workers] == [0, 0]
    assert stored(gateway, index) == sorted(f"{w}-{n:04}" for w in "ab" for n in range(400))
    assert list(tmp_path.iterdir()) == []


def test_a_log_made_before_a_fork_works_on_both_sides_of_it(
    gateway: Gateway, index: str, tmp_path: Path
) -> None:
    body = """
    log.record(event(f"{prefix}-before"))
    child = os.fork()
    gateway = connect(EngineSettings.from_env(Environment.current()))
    log.record(event(f"{prefix}-{'child' if child == 0 else 'parent'}"))
    log.close(30)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    """
    process = worker(body, tmp_path, index, "q", 0)
    process.communicate()
    assert process.returncode == 0
    assert stored(gateway, index) == ["q-before", "q-child", "q-parent"]
    assert list(tmp_path.iterdir()) == []
