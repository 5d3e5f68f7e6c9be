"""Run the web application under gunicorn, and upload pictures to it."""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil

import app
from core.environment import Environment
from core.errors import EngineUnavailable

LOOPBACK = "127.0.0.1"
PATIENCE_S = 60.0
POLL_S = 0.02
BOUNDARY = "lookalike-bench"


@dataclass(frozen=True)
class RunningServer:
    """A running gunicorn: its port, one of its worker processes, and the seconds until ready."""

    port: int
    worker: psutil.Process
    ready_s: float

    @property
    def address(self) -> str:
        """Where it is served."""
        return f"http://{LOOPBACK}:{self.port}"


@contextmanager
def run_server(environment: Environment, workers: int = 1) -> Iterator[RunningServer]:
    """Run gunicorn while the block runs. Raises EngineUnavailable."""
    port = free_port()
    settings = Path(str(app.__file__)).with_name("gunicorn_conf.py")
    with tempfile.TemporaryFile() as words:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", str(settings)],
            env={**environment.values, "PORT": str(port), "LOOKALIKE_WORKERS": str(workers)},
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
        )
        try:
            if not _is_ready(process, port):
                words.seek(0)
                output = words.read().decode(errors="replace")
                raise EngineUnavailable(f"the web server did not get ready:\n{output[-2000:]}")
            ready_s = time.perf_counter() - began
            worker, *_ = [
                child
                for child in psutil.Process(process.pid).children()
                if "gunicorn" in " ".join(child.cmdline())
            ]
            yield RunningServer(port, worker, ready_s)
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _is_ready(process: subprocess.Popen[bytes], port: int) -> bool:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        connection = HTTPConnection(LOOPBACK, port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return True
        except (OSError, HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(POLL_S)
    return False


class UploadClient:
    """A client with one connection that stays open."""

    def __init__(self, site: RunningServer) -> None:
        self._connection = HTTPConnection(LOOPBACK, site.port, timeout=30)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def search(self, picture: bytes) -> bytes:
        """Search with a picture; return the response body."""
        return self.upload("/api/v1/search", picture)

    def check(self, picture: bytes) -> bytes:
        """Check a picture for duplicates; return the response body."""
        return self.upload("/api/v1/duplicates/check", picture)

    def get(self, path: str) -> bytes:
        """Return the response body. Raises EngineUnavailable unless the status is 200."""
        self._connection.request("GET", path)
        return self._answer(path)

    def post(self, path: str) -> bytes:
        """Post nothing; return the response body. Raises as `get`."""
        self._connection.request("POST", path)
        return self._answer(path)

    def upload(self, path: str, picture: bytes) -> bytes:
        """Post a picture; return the response body. Raises as `get`."""
        head = (
            f"--{BOUNDARY}\r\n"
            'Content-Disposition: form-data; name="image"; filename="photo.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        )
        body = head.encode() + picture + f"\r\n--{BOUNDARY}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        self._connection.request("POST", path, body, kind)
        return self._answer(path)

    def _answer(self, path: str) -> bytes:
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise EngineUnavailable(f"{path} was answered {answer.status}: {body[:500]!r}")
        return body
