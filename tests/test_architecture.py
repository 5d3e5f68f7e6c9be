"""The layers hold: who may import whom, and where the big libraries may be seen."""

import ast
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

ALLOWED = {
    "core": set(),
    "features": {"core"},
    "mappings": {"core", "features"},
    "indexer": {"core", "features", "mappings"},
    "app": {"core", "features", "indexer", "mappings"},
    "ops": {"app", "bench", "core", "features", "indexer", "mappings"},
    "bench": {"app", "core", "features", "indexer", "mappings", "ops"},
}

APP_TO_INDEXER = ("indexer.live", "indexer.ledger.errors")
"""What the web application may import of the indexer: live changes, and why they fail."""

HOMES = {
    "elasticsearch": "mappings",
    "elastic_transport": "mappings",
    "flask": "app",
    "apiflask": "app",
    "tensorflow": "features",
    "keras": "features",
    "inflect": "mappings",
    "onnxruntime": "features",
    "snowballstemmer": "mappings",
    "sudachipy": "mappings",
    "tokenizers": "features",
}

LONGEST_FILE = 300


def sources() -> list[Path]:
    return sorted(p for package in ALLOWED for p in (ROOT / package).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the layers"
            yield str(node.module)


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_module_imports_only_the_layers_below_it(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    for name in imports(path):
        top = name.partition(".")[0]
        if top in ALLOWED and top != package:
            assert top in ALLOWED[package], f"{package} must not import {name}"
            if (package, top) == ("app", "indexer"):
                assert name.startswith(APP_TO_INDEXER), f"app must not import {name}"
        if top in HOMES:
            assert HOMES[top] == package, f"{name} belongs to {HOMES[top]}/ alone"


def rooms(package: str) -> dict[str, set[str]]:
    """Return room → the rooms of the same package that it imports."""
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        inner = path.relative_to(ROOT / package).parts
        if len(inner) > 1:
            names = [name.split(".") for name in imports(path)]
            found.setdefault(inner[0], set()).update(
                parts[1] for parts in names if parts[0] == package and len(parts) > 1
            )
    return {room: others & found.keys() - {room} for room, others in found.items()}


ROOM_CYCLES: dict[str, list[set[str]]] = {
    "mappings": [],
    "indexer": [],
    "features": [],
    "app": [],
}


@pytest.mark.parametrize("package", ROOM_CYCLES)
def test_rooms_of_a_package_form_no_circle(package: str) -> None:
    graph = rooms(package)
    reach = {room: reachable(graph, room) for room in graph}
    circles = {
        frozenset(other for other in reach[room] if room in reach[other])
        for room in graph
        if room in reach[room]
    }
    assert circles == {frozenset(circle) for circle in ROOM_CYCLES[package]}


def reachable(graph: dict[str, set[str]], room: str) -> set[str]:
    """Return the rooms that a room imports, directly or through others."""
    found: set[str] = set()
    waiting = set(graph[room])
    while waiting:
        other = waiting.pop()
        if other not in found:
            found.add(other)
            waiting |= graph[other]
    return found


def test_mappings_has_few_rooms() -> None:
    assert len(rooms("mappings")) <= 8


def plug_in(module: str) -> str:
    """Return the plug-in a module belongs to: `colour` for `features.colour.names`."""
    return module.split(".")[1]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "features").rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT))
)
def test_plug_in_imports_no_other_plug_in(path: Path) -> None:
    plug_ins = {plug_in(entry.module) for entry in entry_points(group="lookalike.features")}
    own = path.relative_to(ROOT / "features").parts[0].removesuffix(".py")
    if own in plug_ins:
        seen = {plug_in(name) for name in imports(path) if name.startswith("features.")}
        assert not seen & plug_ins - {own}


def test_only_conformance_suites_import_pytest_and_only_tests_import_them() -> None:
    for path in sources():
        is_suite = "conformance" in path.relative_to(ROOT).parts
        testing = {name for name in imports(path) if {"pytest", "conformance"} & {*name.split(".")}}
        assert is_suite or not testing, f"{path}: a production module imports {testing}"


def test_every_package_is_standard_or_declared() -> None:
    used = {name.partition(".")[0] for path in sources() for name in imports(path)}
    declared = (ROOT / "setup.cfg").read_text(encoding="utf-8").lower().replace("-", "_")
    same = {
        "PIL": "pillow",
        "bson": "pymongo",
        "cv2": "opencv_python_headless",
        "keras": "tensorflow",
        "sklearn": "scikit_learn",
    }
    for name in used - set(sys.stdlib_module_names) - set(ALLOWED):
        wanted = same.get(name, name).lower()
        assert wanted in declared, f"{name} is imported and not in setup.cfg"


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_file_is_one_idea(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE
