"""`make run` asks for what it needs, and `make test` for what the tests need as well."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "ops" / "system-packages.sh"


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A folder of programs with neither Tesseract nor apt in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("grep", "sh", "sed", "xargs", "echo"):
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def ask(path: Path, purpose: str, **settings: str) -> subprocess.CompletedProcess[str]:
    # With a server of its own a machine needs neither Maven nor a JDK.
    environment = {"PATH": str(path), "ELASTICSEARCH_URL": "http://127.0.0.1:9", **settings}
    command = ["sh", str(SCRIPT), purpose, sys.executable]
    return subprocess.run(
        command, env=environment, check=False, capture_output=True, text=True, timeout=60
    )


def test_running_needs_no_tesseract(bare_path: Path) -> None:
    answer = ask(bare_path, "run")
    assert (answer.returncode, answer.stderr) == (0, "")


def test_running_with_tesseract_names_it(bare_path: Path) -> None:
    answer = ask(bare_path, "run", LOOKALIKE_OCR_ENGINE="tesseract")
    assert answer.returncode == 1
    assert "tesseract-ocr tesseract-ocr-jpn" in answer.stderr


def test_testing_needs_tesseract_in_both_languages(bare_path: Path) -> None:
    answer = ask(bare_path, "test")
    assert answer.returncode == 1
    assert "tesseract-ocr tesseract-ocr-jpn" in answer.stderr
