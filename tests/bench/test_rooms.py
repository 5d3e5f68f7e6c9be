"""The rooms of `bench/` import each other in one direction; a command is a module of its name."""

import ast
from collections import defaultdict
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from bench.__main__ import main

BENCH = Path(__file__).parents[2] / "bench"
ROOMS = sorted(path.name for path in BENCH.iterdir() if (path / "__init__.py").is_file())


def imported_rooms(path: Path) -> set[str]:
    """Return the rooms that a module imports from; '' is the top level."""
    modules = [
        node.module or ""
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]
    parts = [module.split(".") for module in modules if module.startswith("bench.")]
    return {part[1] if part[1] in ROOMS else "" for part in parts}


def test_rooms_import_each_other_in_one_direction() -> None:
    arrows: dict[str, set[str]] = defaultdict(set)
    for room in ROOMS:
        for path in (BENCH / room).rglob("*.py"):
            arrows[room] |= imported_rooms(path) - {room}
    TopologicalSorter(arrows).prepare()
    tops = [path for path in BENCH.glob("*.py") if path.name != "__main__.py"]
    assert not {room for path in tops for room in imported_rooms(path)} - {""}


@pytest.mark.parametrize("name", sorted(main.commands))
def test_command_is_a_module_of_its_name(name: str) -> None:
    assert len(list(BENCH.rglob(f"{name.replace('-', '_')}.py"))) == 1
