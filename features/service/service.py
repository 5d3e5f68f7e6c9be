"""Answers the requests of the feature service, whichever server passes them on.

    POST /v1/extract/realtime, /v1/extract/batch   a call (`features.remote.messages`) → its values
    GET  /health                                   the features, with version and model
    GET  /metrics                                  counts, for Prometheus

A call holds a place in its lane from before its pictures are read. Where all places are taken, the
answer is 429 with Retry-After. A client whose fingerprint of a feature is another than the
service's gets 409: its values would not be comparable.
"""

import hmac
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import orjson

from core.errors import Busy, InvalidQuery, LookalikeError, UnknownName
from features.base import Json
from features.fingerprint import fingerprint
from features.registry import Registry
from features.remote.errors import FeatureMismatch
from features.remote.messages import MAX_BYTES, PATH, ExtractionCall, Lane, decode_call
from features.service.figures import ServiceFigures
from features.service.lanes import LaneScheduler
from features.service.settings import ServiceSettings

JSON = "application/json"
PROBLEM = "application/problem+json"
METRICS = "text/plain; version=0.0.4; charset=utf-8"

STATUS: Mapping[type[Exception], int] = {
    Busy: 429,
    FeatureMismatch: 409,
    InvalidQuery: 400,
    UnknownName: 404,
}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServiceRequest:
    """A request: `headers` by lower-case name; `read` returns the body and is called once."""

    method: str
    path: str
    headers: Mapping[str, str]
    length: int
    read: Callable[[], bytes]


@dataclass(frozen=True)
class ServiceAnswer:
    """Status, body and headers of an answer."""

    status: int
    body: bytes
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


class FeatureService:
    """The features of one process, for clients elsewhere. Thread-safe."""

    def __init__(self, features: Registry, settings: ServiceSettings) -> None:
        self._features = features
        self._key = settings.key
        self._marks = {name: _as_json(fingerprint(one)) for name, one in features.items()}
        places = {Lane.REALTIME: settings.realtime_queue, Lane.BATCH: settings.batch_queue}
        self._scheduler = LaneScheduler(features, places, settings.step_ms)
        self._figures = ServiceFigures(self._scheduler)

    def close(self) -> None:
        """End the features' threads."""
        self._scheduler.close()

    def answer(self, request: ServiceRequest) -> ServiceAnswer:
        """Answer a request; nothing is raised."""
        lane = request.path.removeprefix(PATH)
        if request.path.startswith(PATH) and lane in tuple(Lane):
            if request.method != "POST":
                return _problem(405, "method_not_allowed", "send a call with POST")
            return self._extract(Lane(lane), request)
        if request.method not in ("GET", "HEAD"):
            return _problem(404, "not_found", "there is nothing at this address")
        if request.path == "/health":
            body = {"status": "ready", "features": self._marks}
            return ServiceAnswer(200, orjson.dumps(body))
        if request.path == "/metrics":
            return ServiceAnswer(200, self._figures.text(), METRICS)
        return _problem(404, "not_found", "there is nothing at this address")

    def _extract(self, lane: Lane, request: ServiceRequest) -> ServiceAnswer:
        began = time.perf_counter()
        call: ExtractionCall | None = None
        if refusal := self._refusal(request):
            return refusal
        try:
            with self._scheduler.place(lane):
                call = decode_call(request.read())
                self._check(call)
                values = self._scheduler.run(lane, call)
            answer = ServiceAnswer(200, orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY))
        except LookalikeError as error:
            answer = _failure(error)
        # A feature's own failure is about a picture: the client names it, as it would name its own.
        except Exception as error:
            answer = _problem(422, "feature_failed", f"{type(error).__name__}: {error}"[:500])
        name = call.feature if call is not None and call.feature in self._features else ""
        pictures = len(call.pictures) if call is not None else 0
        seconds = time.perf_counter() - began
        self._figures.count(lane, name, answer.status, pictures, seconds)
        log.info(
            "call answered",
            extra={
                "event.action": "extract",
                "event.duration": int(1e9 * seconds),
                "http.response.status_code": answer.status,
                "lookalike.lane": str(lane),
                "lookalike.feature": name,
                "lookalike.pictures": pictures,
            },
        )
        return answer

    def _refusal(self, request: ServiceRequest) -> ServiceAnswer | None:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._key and not hmac.compare_digest(given.encode(), self._key.encode()):
            return _problem(401, "sign_in_needed", "send the service's key: LOOKALIKE_FEATURE_KEY")
        if request.length > MAX_BYTES:
            return _problem(413, "too_large", f"send {MAX_BYTES} bytes at most: fewer pictures")
        return None

    def _check(self, call: ExtractionCall) -> None:
        feature = self._features.resolve(call.feature)
        if not callable(getattr(feature, call.method, None)):
            raise UnknownName("method", call.method, ("extract",))
        own_mark = self._marks[call.feature]
        if call.mark != own_mark:
            raise FeatureMismatch(
                f"{call.feature} is {_short(own_mark)} there and {_short(call.mark)} here: start "
                "the service with this program's version and its LOOKALIKE_"
                f"{call.feature.upper()}_* settings, and its model's files"
            )


def _as_json(mark: Mapping[str, Json]) -> Json:
    """Return a fingerprint as it is after a transfer: tuples are lists."""
    return orjson.loads(orjson.dumps(mark))


def _short(mark: Mapping[str, Json]) -> str:
    return orjson.dumps(mark).decode()[:300]


def _failure(error: LookalikeError) -> ServiceAnswer:
    status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 503)
    return _problem(status, error.code, str(error), error.retry_after_s)


def _problem(
    status: int, code: str, detail: str, retry_after_s: int | None = None
) -> ServiceAnswer:
    body = {"status": status, "code": code, "detail": detail}
    headers = {} if retry_after_s is None else {"Retry-After": str(retry_after_s)}
    return ServiceAnswer(status, orjson.dumps(body), PROBLEM, headers)
