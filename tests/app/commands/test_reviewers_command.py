"""`flask reviewers`, as people start it: without the keys that the server is started with."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.engine import Engine

COMMAND = [sys.executable, "-m", "flask", "--app", "app.wsgi", "reviewers"]


def test_account_is_made_without_a_word_about_elasticsearch(engine: Engine, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("a long enough password\n")
    environment = {
        **{name: value for name, value in os.environ.items() if "ELASTICSEARCH" not in name},
        "ELASTICSEARCH_URL": engine.url,
        "LOOKALIKE_STATE_DIR": str(tmp_path / "state"),
    }
    made = subprocess.run(
        [*COMMAND, "add", "mika", "--password-file", str(secret)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert made.stdout == "mika can sign in as reviewer\n"
    assert "refuses" not in made.stderr
    assert "Elasticsearch" not in made.stderr
    listed = subprocess.run(
        [*COMMAND, "list"], env=environment, capture_output=True, text=True, check=True
    )
    assert listed.stdout.startswith("mika\treviewer\t")
