"""Getting Elasticsearch, with small archives of the real one's shape: that one has 947 MB."""

import hashlib
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from core.environment import Environment
from ops import distribution
from ops.errors import NodeFailed

FILES = {
    "sonar/elasticsearch/lib/elasticsearch-9.4.3.jar": b"a jar" * 1000,
    "sonar/elasticsearch/lib/tools/server-launcher/launcher.jar": b"a launcher",
    "sonar/elasticsearch/bin/elasticsearch-cli": b"#!/bin/sh\n",
    "sonar/lib/not-ours.jar": b"something else",
}

# Stands for Maven: what it fetches is too large for a test. It writes where Maven would.
MVN = """#!/bin/sh
for word in "$@"; do
    case $word in -Dmaven.repo.local=*) repository=${word#*=} ;; esac
done
mkdir -p "$repository/FOLDER"
cp "SOURCE" "$repository/FOLDER/NAME"
"""


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """A person without any download, whose home and PATH are empty."""
    (tmp_path / "bin").mkdir()
    return Environment(
        {
            "HOME": str(tmp_path / "home"),
            "PATH": str(tmp_path / "bin"),
            "LOOKALIKE_CACHE_DIR": str(tmp_path / "cache"),
        }
    )


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A whole archive, lying nowhere in particular; the code knows its size and digest."""
    path = tmp_path / "archive.zip"
    with ZipFile(path, "w") as packed:
        for name, content in FILES.items():
            packed.writestr(name, content)
    known = replace(
        distribution.ARCHIVE,
        size_bytes=path.stat().st_size,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
    monkeypatch.setattr(distribution, "ARCHIVE", known)
    return path


def lay(archive: Path, repository: Path) -> Path:
    target = distribution.ARCHIVE.path_in(repository)
    target.parent.mkdir(parents=True)
    target.write_bytes(archive.read_bytes())
    return target


def test_archive_of_ones_own_is_unpacked_and_kept(archive: Path, environment: Environment) -> None:
    kept = lay(archive, Path(environment.text("HOME")) / ".m2" / "repository")
    home = distribution.ensure(environment, print)
    assert (home / "lib" / "elasticsearch-9.4.3.jar").read_bytes() == b"a jar" * 1000
    assert not list(home.rglob("not-ours.jar"))
    assert kept.exists()


def test_local_repository_named_in_maven_settings_is_looked_at(
    archive: Path, environment: Environment, tmp_path: Path
) -> None:
    settings = Path(environment.text("HOME")) / ".m2" / "settings.xml"
    settings.parent.mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    settings.write_text(f"<settings><localRepository>{elsewhere}</localRepository></settings>")
    lay(archive, elsewhere)
    assert distribution.is_whole(distribution.ensure(environment, print))


def test_fetched_archive_goes_once_it_is_unpacked(
    archive: Path, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = distribution.ARCHIVE.path_in(Path())
    mvn = Path(environment.text("PATH")) / "mvn"
    script = MVN.replace("FOLDER", str(kept.parent)).replace("NAME", kept.name)
    mvn.write_text(script.replace("SOURCE", str(archive)))
    mvn.chmod(0o755)
    tools = Environment({**environment.values, "PATH": f"{mvn.parent}:/usr/bin:/bin"})
    home = distribution.ensure(tools, print)
    assert distribution.is_whole(home)
    assert not list(home.parent.rglob("*.zip"))


def test_maven_that_fails_is_quoted(archive: Path, environment: Environment) -> None:
    mvn = Path(environment.text("PATH")) / "mvn"
    mvn.write_text("#!/bin/sh\necho '[ERROR] the network is unreachable'\nexit 1\n")
    mvn.chmod(0o755)
    tools = Environment({**environment.values, "PATH": f"{mvn.parent}:/usr/bin:/bin"})
    with pytest.raises(NodeFailed, match="the network is unreachable"):
        distribution.ensure(tools, print)


def test_no_maven_and_no_copy_is_told(archive: Path, environment: Environment) -> None:
    with pytest.raises(NodeFailed, match="Maven is missing"):
        distribution.ensure(environment, print)


@pytest.mark.parametrize("damage", ["truncated", "missing", "no manifest"])
def test_half_unpacked_copy_is_healed(archive: Path, environment: Environment, damage: str) -> None:
    lay(archive, Path(environment.text("HOME")) / ".m2" / "repository")
    home = distribution.ensure(environment, print)
    jar = home / "lib" / "elasticsearch-9.4.3.jar"
    if damage == "truncated":
        jar.write_bytes(b"a j")
    elif damage == "missing":
        jar.unlink()
    else:
        (home / distribution.MANIFEST).unlink()
    assert not distribution.is_whole(home)
    assert distribution.ensure(environment, print) == home
    assert jar.read_bytes() == b"a jar" * 1000


def test_leftovers_of_a_broken_off_unpacking_are_removed(
    archive: Path, environment: Environment
) -> None:
    lay(archive, Path(environment.text("HOME")) / ".m2" / "repository")
    leftover = distribution.cached_home(environment).parent / f"{distribution.VERSION}.x1.partial"
    (leftover / "lib").mkdir(parents=True)
    distribution.ensure(environment, print)
    assert not leftover.exists()


def test_another_archive_than_the_known_one_is_refused(
    archive: Path, environment: Environment
) -> None:
    path = lay(archive, Path(environment.text("HOME")) / ".m2" / "repository")
    content = bytearray(path.read_bytes())
    content[40] ^= 1
    path.write_bytes(content)
    with pytest.raises(NodeFailed, match="not the archive it should be"):
        distribution.ensure(environment, print)
    assert not distribution.cached_home(environment).exists()


def test_es_home_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NodeFailed, match="ES_HOME"):
        distribution.ensure(Environment({"ES_HOME": str(tmp_path)}), print)
