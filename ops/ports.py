"""Which local ports are free, and who holds those that are not."""

import socket
from ipaddress import ip_address

import psutil

LOOPBACK = "127.0.0.1"


def is_loopback(host: str) -> bool:
    """Say whether a host name or address is this machine's own, by its looks alone."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Say whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def find_listener(port: int) -> psutil.Process | None:
    """Return the process that listens on `port`, or None when we may not see it."""
    for process in psutil.process_iter():
        try:
            listening = process.net_connections("tcp")
        except psutil.Error:
            continue
        for connection in listening:
            if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                return process
    return None


def describe_listener(port: int) -> str:
    """Return who holds `port`, such as ``pid 812 (nginx)``."""
    process = find_listener(port)
    if process is None:
        return "a process of another user"
    try:
        return f"pid {process.pid} ({process.name()})"
    except psutil.Error:
        return f"pid {process.pid}"
