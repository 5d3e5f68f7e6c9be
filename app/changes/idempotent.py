"""Answers a repeated request as the first time, by its Idempotency-Key."""

import hashlib
from collections.abc import Callable

from flask import Response, request

from app.contract.request_reading import FORM_TYPES
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
    """Return a digest of everything that the request asks for.

    A form counts by its fields and files: a client that repeats it separates them by another text.
    """
    parts = (request.method, request.full_path, request.headers.get("If-Match", ""))
    digest = hashlib.sha256("\n".join(parts).encode())
    if request.mimetype in FORM_TYPES:
        digest.update(repr(sorted(request.form.lists())).encode(errors="replace"))
        for name, part in request.files.items(multi=True):
            data = part.stream.read()
            part.stream.seek(0)
            digest.update(f"{name} {hashlib.sha256(data).hexdigest()}".encode(errors="replace"))
    else:
        digest.update(request.get_data(cache=True))
    return digest.hexdigest()
