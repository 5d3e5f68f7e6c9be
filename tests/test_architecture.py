"""The layers hold: who may import whom, and where the big libraries may be seen."""

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
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
    "ops": {"app", "core", "features", "indexer", "mappings"},
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


def folders() -> list[Path]:
    """Return every folder that has modules."""
    return sorted({path.parent for path in sources()})


def parts_of(folder: Path) -> dict[str, set[str]]:
    """Return each module and folder in a folder → the others there that it imports."""
    prefix = ".".join(folder.relative_to(ROOT).parts) + "."
    graph: dict[str, set[str]] = {}
    for path in folder.rglob("*.py"):
        part = path.relative_to(folder).parts[0].removesuffix(".py")
        if part != "__init__":
            inner = (name for name in members(path) if name.startswith(prefix))
            targets = {name.removeprefix(prefix).partition(".")[0] for name in inner}
            graph.setdefault(part, set()).update(targets - {part})
    return {part: targets & graph.keys() for part, targets in graph.items()}


def members(path: Path) -> Iterator[str]:
    """Yield what a module imports: the modules, and what is imported from them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("folder", folders(), ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_rooms_of_a_folder_form_no_circle(folder: Path) -> None:
    try:
        tuple(TopologicalSorter(parts_of(folder)).static_order())
    except CycleError as error:
        pytest.fail(f"{folder.relative_to(ROOT)}: these import each other: {error.args[1]}")


def test_imports_between_modules_and_rooms_are_seen() -> None:
    graph = parts_of(ROOT / "app")
    assert {"services", "pages"} <= graph["factory"]
    assert "search" in graph["contract"]


def test_mappings_has_few_rooms() -> None:
    assert len(list((ROOT / "mappings").glob("*/__init__.py"))) <= 8


def test_app_has_few_entries_at_its_top() -> None:
    assert len(parts_of(ROOT / "app")) <= 24


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
