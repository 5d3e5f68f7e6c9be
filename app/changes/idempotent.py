"""Answers a repeated request as the first time, by its Idempotency-Key."""

import hashlib
from collections.abc import Callable

from flask import Response, request

from core.errors import InvalidQuery
from indexer.live.idempotency import Answers, StoredAnswer

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
LONGEST_KEY = 255
STORED_HEADERS = ("Content-Type", "ETag", "Location")
SERVER_ERROR = 500


def answer_once(answers: Answers, work: Callable[[], Response]) -> Response:
    """Return the answer of `work`, or the one that was given to this request before.

    What fails is forgotten: it may be repeated. Raises KeyReused, KeyInUse, InvalidQuery.
    """
    key = request.headers.get(HEADER, "").strip()
    if not key:
        return work()
    if len(key) > LONGEST_KEY:
        raise InvalidQuery(f"{HEADER}: at most {LONGEST_KEY} characters")
    before = answers.begin(key, _fingerprint())
    if before is not None:
        answer = Response(before.body, before.status, headers=dict(before.headers))
        answer.headers[REPLAYED] = "true"
        return answer
    try:
        answer = work()
    except BaseException:
        answers.release(key)
        raise
    if answer.status_code >= SERVER_ERROR:
        answers.release(key)
        return answer
    headers = {name: answer.headers[name] for name in STORED_HEADERS if name in answer.headers}
    answers.complete(key, StoredAnswer(answer.status_code, headers, answer.get_data()))
    return answer


def _fingerprint() -> str:
    """Return a digest of everything that the request asks for."""
    parts = (
        request.method,
        request.full_path,
        request.headers.get("If-Match", ""),
        request.headers.get("Content-Type", ""),
    )
    seen = hashlib.sha256("\n".join(parts).encode())
    seen.update(request.get_data(cache=True))
    return seen.hexdigest()
