"""Can Tesseract read?"""

import shutil
import subprocess

from features.ocr.choice import LANGUAGES
from ops.checks.finding import Finding, Situation


def check(situation: Situation) -> Finding:
    """Look for Tesseract and its data for the languages in use."""
    environment = situation.environment
    languages = environment.names("LOOKALIKE_OCR_LANGUAGES", LANGUAGES)
    program = shutil.which("tesseract", path=environment.text("PATH", "/usr/bin:/bin"))
    if program is None:
        cure = f"apt-get install tesseract-ocr {packages(languages)}"
        return Finding("tesseract", "Tesseract is missing", cure)
    try:
        listing = subprocess.run(
            [program, "--list-langs"],
            env=dict(environment.values),
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        ).stdout.split()
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("tesseract", f"{program} does not run: {error}", "reinstall tesseract-ocr")
    missing = [name for name in languages if name not in listing]
    if missing:
        return Finding(
            "tesseract",
            f"{program} has no data for {' and '.join(missing)}",
            f"apt-get install {packages(missing)}; check TESSDATA_PREFIX if it is set",
        )
    return Finding("tesseract", f"{program}, with {' and '.join(languages)}")


def packages(languages: tuple[str, ...] | list[str]) -> str:
    """Return the Debian packages that carry these languages."""
    return " ".join(f"tesseract-ocr-{name.replace('_', '-')}" for name in languages)
