"""The README names every setting the code reads, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("app", "bench", "features", "indexer", "mappings", "ops")
SETTING = re.compile(r"\bLOOKALIKE_[A-Z0-9_]*[A-Z0-9]\b")
DERIVED = "_FILE"


def names(paths: list[Path]) -> set[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    return {name.removesuffix(DERIVED) for name in SETTING.findall(text)}


def test_every_setting_has_a_readme_row_and_every_row_a_setting() -> None:
    code = [p for package in PACKAGES for p in (ROOT / package).rglob("*.py")]
    rows = re.findall(r"^\| `(LOOKALIKE_\w+)`", (ROOT / "README.md").read_text(), re.MULTILINE)
    tests_only = {"LOOKALIKE_DATA", "LOOKALIKE_CHROMIUM"}
    assert sorted(set(rows) - tests_only) == sorted(names(code) - tests_only)
