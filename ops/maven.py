"""Gets one archive from Maven Central with the ordinary client, showing progress."""

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from core.environment import Environment
from core.progress import ProgressLines, Say, Work
from ops.errors import NodeFailed

CURE = "install Maven (`apt-get install maven`), or set ES_HOME or ELASTICSEARCH_URL"


@dataclass(frozen=True)
class MavenArtifact:
    """One archive on Maven Central, pinned by its digest."""

    group: str
    artifact: str
    version: str
    packaging: str
    size_bytes: int
    sha256: str

    def path_in(self, repository: Path) -> Path:
        """Return where a local repository keeps it."""
        folder = repository.joinpath(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}.{self.packaging}"

    @property
    def coordinates(self) -> str:
        """Return what Maven calls it."""
        return f"{self.group}:{self.artifact}:{self.version}:{self.packaging}"


def executable(environment: Environment) -> str | None:
    """Return the `mvn` on the PATH, or None."""
    return shutil.which("mvn", path=environment.text("PATH", "/usr/bin:/bin"))


def local_repository(environment: Environment) -> Path:
    """Return the person's own local repository, where the archive may already lie."""
    home = Path(environment.text("HOME") or Path.home()) / ".m2"
    try:
        # Their own settings file: what it could do, they can do anyway.
        root = ElementTree.parse(home / "settings.xml").getroot()  # noqa: S314
    except (OSError, ElementTree.ParseError):
        return home / "repository"
    named = root.findtext("{*}localRepository") or ""
    return Path(named.replace("${user.home}", str(home.parent)) or home / "repository")


def fetch(
    archive: MavenArtifact, repository: Path, environment: Environment, java_home: Path, say: Say
) -> Path:
    """Download `archive` into `repository` and return its path; raises NodeFailed.

    A download broken off earlier is resumed where Maven can.
    """
    mvn = executable(environment)
    if mvn is None:
        raise NodeFailed(f"Maven is missing, and no cached copy of Elasticsearch is there; {CURE}")
    path = archive.path_in(repository)
    repository.mkdir(parents=True, exist_ok=True)
    command = [
        mvn,
        "--batch-mode",
        "--quiet",
        f"-Dmaven.repo.local={repository}",
        "dependency:get",
        f"-Dartifact={archive.coordinates}",
        "-Dtransitive=false",
    ]
    variables = {**environment.values, "JAVA_HOME": str(java_home)}
    work = Work("fetching Elasticsearch", "MB", scale=1e6)
    progress = ProgressLines(work, say, archive.size_bytes)
    with tempfile.TemporaryFile() as output:
        # Away from any pom.xml: the goal needs no project and must not read a stranger's.
        process = subprocess.Popen(
            command,
            cwd=repository,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            while process.poll() is None:
                _wait_a_second(process)
                progress.move_to(_grown(path.parent))
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        output.seek(0)
        output_text = output.read().decode(errors="replace")
    if process.returncode != 0 or not path.exists():
        raise NodeFailed(f"Maven could not fetch Elasticsearch: {_reason(output_text)}")
    return path


def _wait_a_second(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return


def _grown(folder: Path) -> int:
    """Return how many bytes lie in the archive's folder, under whatever name while unfinished."""
    try:
        return max((file.stat().st_size for file in folder.iterdir()), default=0)
    except FileNotFoundError:
        return 0


def _reason(output_text: str) -> str:
    errors = [
        line for line in output_text.splitlines() if "[ERROR]" in line
    ] or output_text.splitlines()
    return errors[0].replace("[ERROR]", "").strip()[:400] if errors else "it printed nothing"
