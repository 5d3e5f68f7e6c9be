"""The demo's desk is due once the demo shop was loaded here, until it has its decisions."""

from pathlib import Path

from core.environment import Environment
from indexer import demo
from ops.demo_state import is_demo_desk_due, mark_demo_desk


def test_desk_is_due_until_it_is_marked(tmp_path: Path) -> None:
    environment = Environment({"LOOKALIKE_STATE_DIR": str(tmp_path)})
    assert not is_demo_desk_due(environment)
    demo.write(tmp_path / "demo", products=1)
    assert is_demo_desk_due(environment)
    mark_demo_desk(environment)
    assert not is_demo_desk_due(environment)
