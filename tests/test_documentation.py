"""The documents name only what exists: modules, classes, files and links."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("app", "bench", "core", "features", "indexer", "mappings", "ops", "tests")
DOCUMENTS = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")],
    key=lambda path: str(path.relative_to(ROOT)),
)
NAMING_CLASSES = ("CONTRIBUTING.md", "docs/ARCHITECTURE.md")
"""Documents whose `CamelCase` words are classes of ours; others show classes of plug-ins."""

CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
PATH = re.compile(rf"(?:{'|'.join(PACKAGES)})/[\w./-]*")
MODULE = re.compile(rf"(?:{'|'.join(PACKAGES)})(?:\.\w+)+")
CLASS = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z0-9]*)*")
DRAWING = re.compile(r"^```mermaid.*?^```", re.MULTILINE | re.DOTALL)
COMPOUND = re.compile(r"\b(?:[A-Z][a-z]+){2,}\b")
PLACEHOLDER = re.compile(r"[<>…*{}]|\b[A-Z]{4,}\b|/x\.py")


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


def snippets(path: Path) -> list[str]:
    """Return a document's inline code, without its fenced blocks."""
    return CODE.findall(FENCE.sub("", path.read_text(encoding="utf-8")))


@cache
def class_names() -> set[str]:
    return {
        node.name
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }


def is_module_or_member(name: str) -> bool:
    """Say whether a dotted name is a module, or a name inside one."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:length])
        if length == len(parts) and (path.is_dir() or path.with_suffix(".py").is_file()):
            return True
        module = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        if module.is_file():
            member = parts[length]
            return bool(re.search(rf"\b{member}\b", module.read_text(encoding="utf-8")))
    return False


@pytest.mark.parametrize("path", DOCUMENTS, ids=ids)
def test_named_paths_exist(path: Path) -> None:
    named = [text for text in snippets(path) if PATH.fullmatch(text)]
    missing = {n for n in named if not PLACEHOLDER.search(n) and not (ROOT / n).exists()}
    assert not missing, "name the file or folder that is there now"


@pytest.mark.parametrize("path", DOCUMENTS, ids=ids)
def test_named_modules_exist(path: Path) -> None:
    named = {text for text in snippets(path) if MODULE.fullmatch(text) and ".py" not in text}
    missing = {name for name in named if not is_module_or_member(name)}
    assert not missing, "name the module that is there now"


@pytest.mark.parametrize("name", NAMING_CLASSES)
def test_named_classes_exist(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    drawn = {word for drawing in DRAWING.findall(text) for word in COMPOUND.findall(drawing)}
    named = {word for word in CODE.findall(FENCE.sub("", text)) if CLASS.fullmatch(word)}
    assert not (drawn | named) - class_names() - {"True", "False", "None"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=ids)
def test_links_lead_somewhere(path: Path) -> None:
    targets = LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8")))
    local = {target.partition("#")[0] for target in targets if "://" not in target}
    missing = {target for target in local if target and not (path.parent / target).exists()}
    assert not missing


@pytest.mark.parametrize("path", DOCUMENTS, ids=ids)
def test_anchors_are_headings(path: Path) -> None:
    """GitHub's anchors: lower case, punctuation dropped, spaces as hyphens."""
    for target in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        name, _, anchor = target.partition("#")
        page = path if not name else path.parent / name
        if anchor and "://" not in target and page.suffix == ".md" and page.exists():
            heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
            assert anchor in anchors, f"{target}: there is no such heading"
