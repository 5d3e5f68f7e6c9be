"""Calls the feature service over HTTP: connections are kept, and a full service is waited for."""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import orjson
import urllib3
from urllib3.exceptions import HTTPError

from core.errors import Busy, FeatureServiceUnavailable, InvalidQuery, InvalidSetting
from features.base import Json, Picture
from features.remote.errors import FeatureFailed, FeatureMismatch
from features.remote.messages import (
    MAX_BYTES,
    MAX_PICTURES,
    PATH,
    ExtractionCall,
    Lane,
    encode_call,
    size_bytes,
)
from features.remote.settings import RemoteSettings

CONNECT_S = 2.0
PATIENCE_S = {Lane.REALTIME: 30.0, Lane.BATCH: 90.0}
"""How long an answer may take."""

FULL_S = 15.0
"""How long a batch waits for a service that is full, before that counts as an outage."""

CONNECTIONS = 16
HEAD_ROOM = MAX_BYTES // 16
"""Bytes of a request that are left for its head."""


class FeatureClient:
    """A lane of a feature service. Safe between threads, and after a fork."""

    def __init__(self, settings: RemoteSettings, lane: Lane) -> None:
        self.url = settings.url
        self._lane = lane
        self._headers = {"Content-Type": "application/octet-stream"}
        if settings.key:
            self._headers["Authorization"] = f"Bearer {settings.key}"
        self._pool: urllib3.PoolManager | None = None
        self._pid = 0
        self._lock = threading.Lock()

    def extract(self, call: ExtractionCall) -> list[Json]:
        """Return a value for each picture, as the feature's method would return them here.

        Raises FeatureServiceUnavailable, Busy, FeatureMismatch, InvalidSetting for a wrong key, and
        FeatureFailed where the feature stumbled over a picture.
        """
        values: list[Json] = []
        for pictures in _portions(call.pictures):
            values += self._extract(replace(call, pictures=pictures))
        return values

    def _extract(self, call: ExtractionCall) -> list[Json]:
        body = encode_call(call)
        until = time.monotonic() + FULL_S
        while True:
            try:
                return self._read(self._send(body), call)
            except Busy as error:
                # A full service is no fault: a load is meant to go no faster than it.
                wait_s = float(error.retry_after_s or 1)
                if self._lane is Lane.REALTIME or time.monotonic() + wait_s > until:
                    raise
                time.sleep(wait_s)

    def _send(self, body: bytes) -> urllib3.BaseHTTPResponse:
        try:
            return self._connections().request(
                "POST",
                f"{self.url}{PATH}{self._lane}",
                body=body,
                headers=self._headers,
                timeout=urllib3.Timeout(connect=CONNECT_S, read=PATIENCE_S[self._lane]),
                # A second try to connect: asking twice is harmless.
                retries=urllib3.Retry(1, read=0, redirect=0, status=0),
            )
        except HTTPError as error:
            raise self._unavailable(str(getattr(error, "reason", None) or error)) from error

    def _read(self, answer: urllib3.BaseHTTPResponse, call: ExtractionCall) -> list[Json]:
        if answer.status == 200:
            values = orjson.loads(answer.data)
            if len(values) != len(call.pictures):
                raise self._unavailable("it answered with too few values")
            return list(values)
        detail = _detail(answer)
        match answer.status:
            case 400 | 413:
                raise InvalidQuery(detail)
            case 401 | 403:
                raise InvalidSetting(
                    f"the feature service at {self.url} refuses the key: set "
                    "LOOKALIKE_FEATURE_KEY to the one that it was started with"
                )
            # Without a problem document it is a server before ours, which has yet to start it.
            case 404 | 409 if "problem" in answer.headers.get("Content-Type", ""):
                raise FeatureMismatch(f"the feature service at {self.url}: {detail}")
            case 422:
                raise FeatureFailed(detail)
            case 429:
                busy = Busy(f"the feature service at {self.url} is full: {detail}")
                busy.retry_after_s = int(answer.headers.get("Retry-After", "1"))
                raise busy
        raise self._unavailable(f"HTTP {answer.status}: {detail}")

    def _unavailable(self, reason: str) -> FeatureServiceUnavailable:
        return FeatureServiceUnavailable(
            f"the feature service at {self.url} does not answer ({reason}): start it with `python "
            "-m features.serve`, or unset LOOKALIKE_FEATURE_URL to compute features here"
        )

    def _connections(self) -> urllib3.PoolManager:
        with self._lock:
            if self._pool is None or self._pid != os.getpid():
                self._pool = urllib3.PoolManager(maxsize=CONNECTIONS)
                self._pid = os.getpid()
            return self._pool


def _portions(pictures: Sequence[Picture]) -> Iterator[Sequence[Picture]]:
    """Yield the pictures in order, in as many requests as they need."""
    portion: list[Picture] = []
    size = 0
    for picture in pictures:
        length = size_bytes(picture)
        if portion and (len(portion) == MAX_PICTURES or size + length > MAX_BYTES - HEAD_ROOM):
            yield portion
            portion, size = [], 0
        portion.append(picture)
        size += length
    if portion:
        yield portion


def _detail(answer: urllib3.BaseHTTPResponse) -> str:
    try:
        return str(orjson.loads(answer.data)["detail"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return answer.data[:200].decode(errors="replace")
