"""Finds a Java that Elasticsearch boots on: a JDK of 21 or newer with the module jdk.attach."""

import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from core.environment import Environment
from ops.errors import NodeFailed

OLDEST = 21

CURE = (
    f"install a JDK of {OLDEST} or newer (a full JDK such as Temurin, not a JRE) "
    "and set JAVA_HOME to it"
)

# Where installers put them; `sorted` in reverse puts the newest first within one folder.
PLACES = (
    ("/usr/lib/jvm", "*"),
    ("/opt", "*jdk*"),
    ("/Library/Java/JavaVirtualMachines", "*/Contents/Home"),
    ("/opt/homebrew/opt", "openjdk*/libexec/openjdk.jdk/Contents/Home"),
    ("/usr/local/opt", "openjdk*/libexec/openjdk.jdk/Contents/Home"),
)

BASE = re.compile(r"^java\.base@(\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Jdk:
    """A fitting JDK: its folder and major version."""

    home: Path
    version: int


def find(environment: Environment) -> Jdk:
    """Return the first JDK that fits; raises NodeFailed naming the unfit ones."""
    unfit = []
    for home in candidates(environment):
        version, complaint = inspect(home)
        if not complaint:
            return Jdk(home, version)
        unfit.append(f"{home} {complaint}")
    found = f" (found: {'; '.join(unfit)})" if unfit else ""
    raise NodeFailed(f"no JDK {OLDEST} or newer with jdk.attach{found}; {CURE}")


def candidates(environment: Environment) -> Iterable[Path]:
    """Return folders that may hold a JDK, best first, each once."""
    named = [environment.text(name) for name in ("ES_JAVA_HOME", "JAVA_HOME")]
    homes = [Path(home) for home in named if home]
    if own := environment.text("ES_HOME"):
        homes.append(Path(own) / "jdk")
    for folder, pattern in PLACES:
        homes.extend(sorted(Path(folder).glob(pattern), reverse=True))
    if java := shutil.which("java", path=environment.text("PATH")):
        homes.append(Path(java).resolve().parent.parent)
    real = (home.resolve() for home in homes if (home / "bin" / "java").exists())
    return dict.fromkeys(real)


def inspect(home: Path) -> tuple[int, str]:
    """Return the major version, and what makes it unfit ('' when it fits)."""
    try:
        listing = subprocess.run(
            [home / "bin" / "java", "--list-modules"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0, "is older than 9 or does not run"
    match = BASE.search(listing)
    version = int(match[1]) if match else 0
    if version < OLDEST:
        return version, f"is Java {version}"
    if "jdk.attach@" not in listing:
        return version, "is a JRE, without jdk.attach"
    return version, ""
