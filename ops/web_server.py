"""The web server: started, waited for, and watched."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from core.environment import Environment
from core.errors import EngineUnavailable
from ops.checks.port import APPLICATION, app_address
from ops.child_process import running_module
from ops.errors import StageFailed
from ops.ports import LOOPBACK
from ops.server import Server
from ops.server_access import ServerAccess

READY_TIMEOUT_S = 120

EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104


@dataclass(frozen=True)
class WebServer:
    """A running web server. `address` is where a browser on this machine finds it."""

    process: subprocess.Popen[bytes]
    site: Server
    address: str

    def refusal(self) -> str:
        """Return why it cannot answer searches yet, '' when it can; raises StageFailed."""
        if (code := self.process.poll()) is not None:
            raise StageFailed(f"the web server did not start (exit code {code})")
        try:
            answer = self.site.request("GET", "/readyz", timeout_s=5)
        except EngineUnavailable:
            return "nothing"
        return "" if answer.status == 200 else f"HTTP {answer.status}: {answer.reason}"

    def wait_until_ready(self) -> None:
        """Wait until /readyz answers 200; raises StageFailed when that takes too long."""
        until = time.monotonic() + READY_TIMEOUT_S
        while refusal := self.refusal():
            if time.monotonic() > until:
                raise StageFailed(f"not ready within {READY_TIMEOUT_S} s; /readyz says {refusal}")
            time.sleep(0.2)


@contextmanager
def web_server(environment: Environment, access: ServerAccess) -> Iterator[WebServer]:
    """Run gunicorn while the block lasts; raises StageFailed where `app` is not installed."""
    host, port = app_address(environment)
    package = find_spec("app")
    if package is None or package.origin is None:
        raise StageFailed("the package `app` is not installed; `make install`")
    settings = Path(package.origin).with_name("gunicorn_conf.py")
    command = ["gunicorn", "-c", str(settings), "--bind", join_host(host, port), APPLICATION]
    local_host = LOOPBACK if host in EVERY_ADDRESS else host
    shown_host = "localhost" if host in (LOOPBACK, *EVERY_ADDRESS, "::1") else host
    with running_module(command, access.search) as process:
        site = Server(f"http://{join_host(local_host, port)}")
        yield WebServer(process, site, f"http://{shown_host}:{port}")


def join_host(host: str, port: int) -> str:
    """Return ``host:port``, with an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
