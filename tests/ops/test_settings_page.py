"""docs/CONFIGURATION.md is what the code declares, and the code declares what it reads."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from core.setting import Setting
from ops import settings_page

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "bench", "core", "features", "indexer", "mappings", "ops")
NAME = re.compile(r"\bLOOKALIKE_[A-Z0-9_]*[A-Z0-9]\b")
READERS = {"text", "choice", "names", "integer", "number", "flag", "secret"}
TESTS_ONLY = {"LOOKALIKE_DATA", "LOOKALIKE_CHROMIUM"}


def declared() -> list[Setting]:
    modules = [module for section in settings_page.SECTIONS.values() for module in section]
    return settings_page.declared_settings(modules)


def sources() -> list[Path]:
    return [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]


def mentioned(paths: list[Path]) -> set[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    return {name.removesuffix("_FILE") for name in NAME.findall(text)}


def read_defaults() -> Iterator[tuple[str, str, str]]:
    """Yield where, the name and the literal default of every setting that is read with one."""
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in READERS
                and len(node.args) > 1
                and all(isinstance(argument, ast.Constant) for argument in node.args[:2])
            ):
                name, default = (ast.literal_eval(argument) for argument in node.args[:2])
                if isinstance(name, str) and NAME.fullmatch(name):
                    yield str(path.relative_to(ROOT)), name, str(default)


def test_page_is_what_the_code_declares() -> None:
    page = (ROOT / "docs" / "CONFIGURATION.md").read_text(encoding="utf-8")
    assert page == settings_page.write_page(), "python -m ops settings > docs/CONFIGURATION.md"


def test_every_module_that_declares_settings_is_on_the_page() -> None:
    declaring = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in sources()
        if re.search(r"^SETTINGS = \(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert declaring == {name for section in settings_page.SECTIONS.values() for name in section}


def test_every_setting_is_declared_once_and_every_declared_one_is_read() -> None:
    names = [setting.name for setting in declared()]
    assert len(names) == len(set(names))
    ours = {name for name in names if name.startswith("LOOKALIKE_")}
    assert ours == mentioned(sources()) - TESTS_ONLY


def test_secrets_are_declared_as_such() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources())
    secret = set(re.findall(r"\.(?:secret|token)\(\s*\"([A-Z_]+)\"", code))
    assert {setting.name for setting in declared() if setting.secret} == secret


def test_declared_default_is_the_one_the_code_reads() -> None:
    defaults = {s.name: s.default.strip("`") for s in declared()}
    words = {"True": "yes", "False": "no"}
    for where, name, default in read_defaults():
        stated = defaults[name]
        assert stated in (default, words.get(default), default.replace("_", "")), (where, name)
