"""Names explain themselves: no public class name twice, no metaphors, no bare participles."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("app", "bench", "core", "features", "indexer", "mappings", "ops")

METAPHORS = frozenset(
    {"eyes", "crew", "recruit", "shelf", "strangers", "stranger", "door", "docket", "precedents",
     "duties", "casework", "confirmations", "census", "journal", "rulings", "party", "judgement"}
)  # fmt: skip
"""Words that stand for something else: none is part of a public name."""

PARTICIPLES = frozenset(
    {"looked", "looking", "seen", "asked", "asking", "kept", "held", "settled", "apart", "told",
     "untold", "taken", "given", "wanted", "meant", "found", "shown", "known", "turning", "worded",
     "placed", "proving", "choosing", "remembered", "photographed", "evident", "counted", "chosen",
     "sent", "done", "gone", "lost", "drawn", "heard", "spoken", "judged"}
)  # fmt: skip
"""Bare participles say neither what a thing is nor what it does: none is a whole public name.

`left` is none of them: it is the edge of a box.
"""

PRONOUNS = frozenset({"one", "ones", "ours", "theirs", "mine", "yours", "several", "rest", "both"})
"""Pronouns name nothing: a variable of this name may live in a comprehension or a lambda alone."""


OLD_PARAMETERS = frozenset(
    {("is_same_file", "proving"), ("plan_pairs", "judged"), ("group_relatives", "judged")}
)
"""Function and parameter, older than the rule that a bare participle is no parameter's name."""


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def words(name: str) -> set[str]:
    """Return the words of an identifier: {"query", "extractor"} for QueryExtractor."""
    return {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}


def public_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names of classes, functions, methods and attributes that others may use."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            if not node.name.startswith("_"):
                yield node.name
        elif (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and not node.target.id.startswith("_")
        ):
            yield node.target.id


def variables(tree: ast.Module) -> Iterator[str]:
    """Yield the names of parameters and variables, without those of comprehensions and lambdas."""
    short = (ast.comprehension, ast.Lambda)
    inside = {
        id(node)
        for holder in ast.walk(tree)
        if isinstance(holder, short)
        for node in ast.walk(holder.target if isinstance(holder, ast.comprehension) else holder)
    }
    for node in ast.walk(tree):
        if id(node) in inside:
            continue
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def public_parameters(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield function and parameter of what others may call: functions and methods, none inside."""
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    for node in (*tree.body, *(member for owner in classes for member in owner.body)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
            not node.name.startswith("_") or node.name == "__init__"
        ):
            names = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            yield from ((node.name, argument.arg) for argument in names)


def test_no_two_public_classes_share_a_name() -> None:
    homes: dict[str, list[str]] = defaultdict(list)
    for path in modules():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(str(path.relative_to(ROOT)))
    doubled = {name: paths for name, paths in homes.items() if len(paths) > 1}
    assert not doubled


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_names_are_terms_of_the_field(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {path.stem, *public_names(tree)}
    banned = {name for name in names if words(name) & METAPHORS or name.lower() in PARTICIPLES}
    assert not banned, "name these by the field's term, a noun or an imperative verb"
    pronouns = {name for name in variables(tree) if name in PRONOUNS}
    assert not pronouns, "say what these variables hold"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_parameters_say_what_they_are(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bare = {pair for pair in public_parameters(tree) if pair[1] in PARTICIPLES}
    assert not bare - OLD_PARAMETERS, "name the parameters of public functions by what they hold"
