"""A bench has an index and a folder of its own, and leaves neither behind."""

from pathlib import Path

import pytest

from bench.workspace import Workspace, open_workspace
from core.environment import Environment
from features.capabilities import Deferred
from ops.server import Server
from tests.support.engine import Engine


@pytest.fixture
def server(engine: Engine, environment: Environment, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The real server, named to the bench as a user names it."""
    for name, value in environment.values.items():
        monkeypatch.setenv(name, value)
    return Server(engine.url, engine.user, engine.password)


def test_index_and_folder_are_gone_afterwards(server: Server, folder_of_photos: Path) -> None:
    with open_workspace() as space:
        loaded = space.load(folder_of_photos)
        index = space.environment.text("LOOKALIKE_INDEX")
        assert server.request("GET", f"/{index}/_count").body["count"] == loaded.products == 4
    assert server.request("GET", f"/{index}").status == 404
    assert server.request("GET", f"/{index}-*/_alias").body == {}
    assert not space.folder.exists()


def test_index_is_gone_after_a_failure_too(server: Server, folder_of_photos: Path) -> None:
    def fails() -> None:
        with open_workspace() as space:
            spaces.append(space)
            space.load(folder_of_photos)
            raise RuntimeError("in the middle")

    spaces: list[Workspace] = []
    with pytest.raises(RuntimeError, match="in the middle"):
        fails()
    index = spaces[0].environment.text("LOOKALIKE_INDEX")
    assert server.request("GET", f"/{index}-*/_alias").body == {}


def test_kept_index_is_named(
    server: Server, folder_of_photos: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_workspace(keep=True) as space:
        space.load(folder_of_photos)
    index = space.environment.text("LOOKALIKE_INDEX")
    try:
        assert server.request("GET", f"/{index}/_count").body["count"] == 4
        assert f"LOOKALIKE_INDEX={index}" in capsys.readouterr().err
    finally:
        server.request("DELETE", f"/{index}-000001")


def test_slow_features_and_the_search_log_stay_out(server: Server) -> None:
    with open_workspace() as space:
        assert "embedding" in space.registry
        assert not any(isinstance(one, Deferred) for one in space.registry.values())
        assert space.environment.text("LOOKALIKE_LOG_SEARCHES") == "no"
