"""Can the web server listen where it should?"""

import psutil

from core.environment import Environment
from ops import ports
from ops.checks.finding import Finding, Situation

APPLICATION = "app.wsgi:application"


def app_address(environment: Environment) -> tuple[str, int]:
    """Return where the web server listens."""
    host = environment.text("LOOKALIKE_HOST", ports.LOOPBACK)
    return host, environment.integer("PORT", 8000, 1, 65_535)


def check(situation: Situation) -> Finding:
    """Look whether the port is free, or held by lookalike itself."""
    _, port = app_address(situation.environment)
    if runs_application(ports.find_listener(port)):
        return Finding("port", f"{port} is lookalike's own, {ports.describe_listener(port)}")
    return check_free(situation)


def check_free(situation: Situation) -> Finding:
    """Look whether the port is free, as a start needs it."""
    host, port = app_address(situation.environment)
    if ports.is_free(port, host):
        return Finding("port", f"{port} is free")
    return Finding(
        "port",
        f"{port} is taken by {ports.describe_listener(port)}",
        f"stop that process, or choose another port: make run PORT={port + 1}",
    )


def runs_application(process: psutil.Process | None) -> bool:
    """Say whether this process is a web server of ours."""
    try:
        return process is not None and APPLICATION in process.cmdline()
    except psutil.Error:
        return False
