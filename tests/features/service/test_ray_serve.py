"""Ray Serve runs the feature service as `ops/ray/serve.yaml` says, on a Ray of this machine."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

from bench.instruments.web_server import free_port
from core.environment import Environment
from core.errors import FeatureServiceUnavailable
from features import registry
from tests.support.pictures import clothing

ROOT = Path(__file__).parents[3]


def small_deployment(port: int) -> dict[str, Any]:
    """Return what the file says, with quick features and a port of the test's own."""
    said = yaml.safe_load((ROOT / "ops" / "ray" / "serve.yaml").read_text())
    said["http_options"] |= {"host": "127.0.0.1", "port": port}
    (application,) = said["applications"]
    application["runtime_env"]["env_vars"]["LOOKALIKE_FEATURES"] = "pdq,checksum"
    return dict(said)


@pytest.mark.timeout(300)
def test_replicas_answer_with_the_values_computed_here(tmp_path: Path, shared_data: Path) -> None:
    port = free_port()
    file = tmp_path / "serve.yaml"
    file.write_text(yaml.safe_dump(small_deployment(port)))
    settings = Environment({"LOOKALIKE_FEATURES": "pdq,checksum"})
    here = registry.load(settings)["pdq"]
    remote = {
        "LOOKALIKE_FEATURE_URL": f"http://127.0.0.1:{port}",
        "LOOKALIKE_FEATURE_REMOTE": "pdq",
    }
    there = registry.load(Environment({**settings.values, **remote}))["pdq"]
    pictures = clothing(shared_data, 6)
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).with_name("serve")), "run", str(file)],
            env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": str(ROOT)},
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
        try:
            until = time.monotonic() + 240
            while True:
                try:
                    values = there.extract(pictures)
                except FeatureServiceUnavailable:
                    output = (tmp_path / "log").read_text()
                    assert process.poll() is None, output
                    assert time.monotonic() < until, output
                    time.sleep(0.5)
                else:
                    break
            assert values == here.extract(pictures)
        finally:
            serve = psutil.Process(process.pid)
            started = [serve, *serve.children(recursive=True)]
            process.send_signal(signal.SIGINT)
            # On a busy machine Ray now and then never ends by itself.
            _, left = psutil.wait_procs(started, timeout=60)
            for one in left:
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            process.wait(10)
