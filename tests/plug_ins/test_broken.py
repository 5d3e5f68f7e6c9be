"""A plug-in that cannot be used is named in one line, and everything else starts."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from core import plug_ins
from core.environment import Environment
from core.errors import UnknownName
from features import registry
from features.regions import finders
from indexer.feeds import registry as readers
from ops.checks import plug_ins as check
from ops.checks.finding import Situation

ENVIRONMENT = Environment({"LOOKALIKE_FEATURES": "checksum,phash,acme"})

FEATURE = """
class Acme:
    name = "acme"
    version = 1
    default_weight = 1.0
    proposes_candidates = False
    def mapping(self):
        return {"type": "float"}
    def extract(self, pictures):
        return [0.5 for _ in pictures]
    def clause(self, value, context):
        return {"exists": {"field": context.field}}
def create(environment):
    return Acme()
"""

BROKEN = {
    "import": ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'"),
    "syntax": ("def create(:\n", "SyntaxError"),
    "no callable": ("", "has no attribute 'create'"),
    "constructor": ("def create(environment):\n    1 / 0\n", "ZeroDivisionError: division by zero"),
    "older contract": (
        FEATURE.replace("    default_weight = 1.0\n", ""),
        "it is no feature: it lacks default_weight",
    ),
    "another name": (
        FEATURE.replace('"acme"', '"acme2"'),
        "its name is 'acme2', and its entry point's 'acme'",
    ),
    "another field": (
        FEATURE.replace("    version = 1\n", "    version = 1\n    field = 'box'\n"),
        "the name 'box' is reserved",
    ),
    "weight": (FEATURE.replace("= 1.0", "= -1"), "default_weight is -1"),
    "candidates": (FEATURE.replace("= False", "= 'no'"), "proposes_candidates is 'no'"),
    "version": (FEATURE.replace("version = 1", "version = '1'"), "version is '1'"),
    "mapping": (FEATURE.replace('{"type": "float"}', "{1, 2}"), "mapping() returns {1, 2}"),
    "text": (
        FEATURE.replace(
            "    def mapping",
            "    def query_from_text(self, text):\n        pass\n    def mapping",
            1,
        ),
        "is_lexical is not a bool",
    ),
    "relation": (
        FEATURE.replace("    version = 1\n", "    version = 1\n    relation = 'cousin'\n"),
        "relation is 'cousin', not one of same_file, same_photo",
    ),
    "facet": (
        FEATURE.replace("    version = 1\n", "    version = 1\n    facet = 'names'\n"),
        "its mapping has no keyword 'names'",
    ),
}

Install = Callable[[str, str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Return what puts a package with one plug-in, `acme_NUMBER:create`, on the path."""
    monkeypatch.syspath_prepend(str(tmp_path))
    number = 0

    def place(source: str, group: str = registry.GROUP, name: str = "acme") -> None:
        nonlocal number
        number += 1
        module = f"acme_{abs(hash((tmp_path, number)))}"
        (tmp_path / f"{module}.py").write_text(source, encoding="utf-8")
        info = tmp_path / f"acme_{number}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: acme-{number}\nVersion: 1.0\n", encoding="utf-8"
        )
        (info / "entry_points.txt").write_text(
            f"[{group}]\n{name} = {module}:create\n", encoding="utf-8"
        )

    return place


@pytest.mark.parametrize(("source", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_feature_is_left_out_named_and_the_rest_starts(
    install: Install, caplog: pytest.LogCaptureFixture, source: str, reason: str
) -> None:
    install(source, registry.GROUP, "acme")
    with caplog.at_level(logging.ERROR):
        features = registry.load(ENVIRONMENT)
    assert list(features) == ["checksum", "phash"]
    (line,) = (record.getMessage() for record in caplog.records)
    assert line.startswith("plug-in 'acme' (lookalike.features: acme_")
    assert "of the package acme-1 is left out" in line
    assert reason in line
    assert "pip uninstall acme-1" in line
    assert "\n" not in line


def test_a_sound_feature_is_used(install: Install) -> None:
    install(FEATURE, registry.GROUP, "acme")
    features, problems = registry.load_usable(ENVIRONMENT)
    assert list(features) == ["checksum", "phash", "acme"]
    assert problems == []


def test_a_feature_that_is_not_set_up_is_no_problem(install: Install) -> None:
    install("def create(environment):\n    return None\n", registry.GROUP, "acme")
    assert registry.find_problems(Environment({})) == []


@pytest.mark.parametrize("name", ["box", "image_id", "text"])
def test_a_feature_of_a_reserved_name_is_left_out(install: Install, name: str) -> None:
    install(FEATURE.replace('"acme"', f'"{name}"'), registry.GROUP, name)
    (problem,) = registry.find_problems(Environment({}))
    assert problem.reason == f"the name {name!r} is reserved"


def test_ours_keeps_a_name_that_a_package_takes(install: Install) -> None:
    install(FEATURE.replace('"acme"', '"checksum"'), registry.GROUP, "checksum")
    features, (problem,) = registry.load_usable(Environment({"LOOKALIKE_FEATURES": "checksum"}))
    assert type(features["checksum"]).__name__ == "Checksum"
    assert problem.reason == "the package lookalike brings a plug-in of this name"


def test_of_two_packages_with_one_name_the_first_by_name_stays(install: Install) -> None:
    for _ in range(2):
        install(FEATURE, registry.GROUP, "acme")
    features, (problem,) = registry.load_usable(ENVIRONMENT)
    assert "acme" in features
    assert (problem.package, problem.reason) == (
        "acme-2",
        "the package acme-1 brings a plug-in of this name",
    )


def test_a_feature_nobody_installed_is_still_an_error() -> None:
    with pytest.raises(UnknownName, match="unknown feature 'acme'"):
        registry.load(ENVIRONMENT)


def test_a_broken_region_finder_is_left_out_and_the_rest_starts(install: Install) -> None:
    install("def create(environment):\n    return object()\n", finders.GROUP, "acme")
    environment = Environment({"LOOKALIKE_REGIONS": "page,acme"})
    found, (problem,) = finders.load_usable(environment)
    assert [finder.name for finder in found.finders] == ["page"]
    assert problem.reason == "it is no region finder: it lacks name or find_regions"


@pytest.mark.parametrize("group", [registry.GROUP, finders.GROUP, readers.GROUP])
def test_doctor_names_a_broken_plug_in_with_its_cure(install: Install, group: str) -> None:
    install("import no_such_module\n", group, "acme")
    finding = check.check(Situation(Environment({"LOOKALIKE_REGIONS": "acme"})))
    assert finding.is_fault
    assert not finding.is_blocking
    assert f"plug-in 'acme' ({group}: " in finding.text
    assert "No module named 'no_such_module'" in finding.text
    assert "pip uninstall acme-1" in finding.cure


def test_doctor_is_content_without_other_packages() -> None:
    finding = check.check(Situation(Environment({})))
    assert not finding.is_fault


def test_an_entry_point_of_no_package_is_not_ours() -> None:
    (entry, *_) = plug_ins.installed(registry.GROUP)[0].values()
    assert plug_ins.is_ours(entry)
    assert plug_ins.package_of(type(entry)("acme", "acme:create", registry.GROUP)) == "unknown"
