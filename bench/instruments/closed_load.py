"""Send requests over HTTP, each client its next one as soon as the last is answered."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench.instruments.web_server import RunningServer, UploadClient


@dataclass(frozen=True)
class LoadTimes:
    """How long each request took, in ms, and all of them together, in seconds."""

    ms: Sequence[float]
    lasted_s: float


def send_requests(site: RunningServer, paths: Sequence[str], clients: int) -> LoadTimes:
    """Get all paths by this many clients at once, each with one connection.

    Raises EngineUnavailable unless every status is 200.
    """

    def send(share: Sequence[str]) -> list[float]:
        took = []
        client = UploadClient(site)
        for path in share:
            began = time.perf_counter()
            client.get(path)
            took.append(1000 * (time.perf_counter() - began))
        client.close()
        return took

    with ThreadPoolExecutor(clients) as threads:
        began = time.perf_counter()
        shares = [paths[number::clients] for number in range(clients)]
        took = [ms for times in threads.map(send, shares) for ms in times]
        return LoadTimes(took, time.perf_counter() - began)
