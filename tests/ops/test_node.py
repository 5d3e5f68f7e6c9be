"""The life of the local node, with the real Elasticsearch."""

import json
import os
import stat
import subprocess
import sys
from time import monotonic

import psutil

from ops.node import Node
from ops.process_record import is_alive, survivors, terminate
from ops.server import Server
from tests.ops.conftest import Running

START_LIMIT_S = 40


def put(server: Server, title: str) -> None:
    answer = server.request("PUT", "/kept/_doc/1?refresh=true", {"title": title})
    assert answer.status in (200, 201)


def title(server: Server) -> str:
    return str(server.request("GET", "/kept/_doc/1").body["_source"]["title"])


def test_node_is_ready_in_time(running: Running) -> None:
    # Processor time, so that whatever else the machine does now is not held against the node.
    on_two_cores_s = running.start_cpu_s / 2
    print(
        json.dumps(
            {
                "name": "node start on two cores, seconds",
                "figure": round(on_two_cores_s, 1),
                "wall_s": round(running.start_s, 1),
                "limit": START_LIMIT_S,
                "pass": on_two_cores_s <= START_LIMIT_S,
            }
        )
    )
    assert on_two_cores_s <= START_LIMIT_S


def test_taken_port_makes_it_choose_another(running: Running) -> None:
    assert running.server.url != f"http://127.0.0.1:{running.taken_port}"
    assert running.server.request("GET", "/").status == 200


def test_node_never_runs_as_root(running: Running) -> None:
    process = running.node.process()
    assert process is not None
    family = [process, *process.children(recursive=True)]
    assert len(family) == 2  # the launcher, and the server itself
    assert {member.username() for member in family}.isdisjoint({"root"})


def test_password_and_configuration_are_closed_to_others(running: Running) -> None:
    folder = running.node.settings.folder
    assert stat.S_IMODE((folder / "password").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "conf").stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "data").stat().st_mode) == 0o700


def test_nobody_gets_in_without_the_password(running: Running) -> None:
    assert Server(running.server.url).request("GET", "/").status == 401


def test_second_start_changes_nothing(running: Running) -> None:
    before = running.node.process()
    said: list[str] = []
    server = Node(running.node.environment).start(said.append)
    assert server == running.server
    assert running.node.process() == before
    assert said == [f"the Elasticsearch node runs already, at {server.url}"]


def test_data_outlive_a_stop(running: Running) -> None:
    put(running.server, "before the stop")
    process = running.node.process()
    assert process is not None
    family = [process, *process.children(recursive=True)]
    assert running.node.stop(print)
    assert not any(is_alive(member) for member in family)
    assert running.node.server() is None
    assert not running.node.stop(print)  # once is enough
    running.node.start(print)
    assert title(running.server) == "before the stop"


def test_killed_node_starts_again_with_its_data(running: Running) -> None:
    put(running.server, "before the kill")
    process = running.node.process()
    assert process is not None
    family = [process, *process.children(recursive=True)]
    process.kill()
    assert not survivors(family, 30)  # the server does not outlive its launcher
    running.node.start(print)
    assert running.node.process() != process
    assert title(running.server) == "before the kill"


def test_record_of_another_process_counts_for_nothing(running: Running) -> None:
    record = running.node.settings.folder / "process.json"
    kept = record.read_text()
    ours = psutil.Process(os.getpid())
    try:
        stale = {"pid": ours.pid, "created_s": ours.create_time() - 60, "port": 1}
        record.write_text(json.dumps(stale))
        assert running.node.process() is None
        record.write_text(kept[: len(kept) // 2])
        assert running.node.process() is None
    finally:
        record.write_text(kept)


def test_log_is_that_of_the_server(running: Running) -> None:
    assert any("started" in line for line in running.node.log_tail(2000))
    assert len(running.node.log_tail(3)) == 3


def test_zombie_has_ended() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = monotonic()
    # Nobody waits for it, as `make run` does not while somebody else stops its node.
    assert terminate(psutil.Process(child.pid), patience_s=30)
    assert monotonic() - started < 10
    with child:
        pass
