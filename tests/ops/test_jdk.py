"""Finding a fitting Java. The Javas are stand-ins: a machine has one or two real ones."""

from pathlib import Path

import pytest

from core.environment import Environment
from ops import jdk
from ops.errors import NodeFailed


@pytest.fixture(autouse=True)
def no_installed_javas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jdk, "PLACES", ())


def java(home: Path, *modules: str) -> Path:
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n" + "".join(f"echo {module}\n" for module in modules))
    program.chmod(0o755)
    return home


def test_jdk_that_fits_is_found(tmp_path: Path) -> None:
    home = java(tmp_path / "25", "java.base@25.0.3", "jdk.attach@25.0.3")
    assert jdk.find(Environment({"JAVA_HOME": str(home)})) == jdk.Jdk(home, 25)


def test_unfit_java_home_does_not_hide_a_fit_java_on_the_path(tmp_path: Path) -> None:
    old = java(tmp_path / "17", "java.base@17.0.15", "jdk.attach@17.0.15")
    new = java(tmp_path / "21", "java.base@21.0.1", "jdk.attach@21.0.1")
    found = jdk.find(Environment({"JAVA_HOME": str(old), "PATH": str(new / "bin")}))
    assert found == jdk.Jdk(new, 21)


@pytest.mark.parametrize(
    ("modules", "complaint"),
    [
        (("java.base@17.0.15", "jdk.attach@17.0.15"), "is Java 17"),
        (("java.base@21",), "is a JRE, without jdk.attach"),
    ],
)
def test_unfit_java_is_named_with_its_lack(
    tmp_path: Path, modules: tuple[str, ...], complaint: str
) -> None:
    home = java(tmp_path / "java", *modules)
    with pytest.raises(NodeFailed, match=f"{home} {complaint}"):
        jdk.find(Environment({"JAVA_HOME": str(home), "PATH": str(tmp_path)}))


def test_none_at_all_is_told_with_the_cure(tmp_path: Path) -> None:
    with pytest.raises(NodeFailed, match="set JAVA_HOME"):
        jdk.find(Environment({"PATH": str(tmp_path)}))
