"""Sends the shop's pages, styles and scripts compressed, with brotli or gzip as a browser takes it.

Static files are compressed once, as small as can be; pages each time, as fast as pays. The trust
desk's pages stay as they are: compressing a secret beside what somebody else chose would tell its
length (BREACH). So do answers for programs, whose `ETag` names their very bytes.
"""

import gzip
from collections.abc import Callable, Mapping

import brotli
from apiflask import APIFlask
from flask import Response, request
from werkzeug.wsgi import FileWrapper

from core.bounded_cache import BoundedCache

TYPES = (
    "text/html",
    "text/css",
    "text/javascript",
    "image/svg+xml",
    "application/manifest+json",
)
SMALLEST = 1_000
PAGE_LEVELS: Mapping[str, int] = {"br": 4, "gzip": 5}
"""Of brotli's 0 to 11 and zlib's 1 to 9: a page of 60 kB takes about a millisecond."""

FILE_LEVELS: Mapping[str, int] = {"br": 11, "gzip": 9}

SECRET_PATHS = ("/trust",)
STATIC_PATH = "/static/"
MOST_FILES = 500
DAY_S = 86_400.0

COMPRESSORS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "br": lambda plain, level: bytes(brotli.compress(plain, quality=level)),
    "gzip": lambda plain, level: gzip.compress(plain, level, mtime=0),
}
"""Encodings that are offered, the better first."""


def install(app: APIFlask) -> None:
    """Compress answers after every request."""
    files: BoundedCache[tuple[str, str], bytes] = BoundedCache(MOST_FILES, DAY_S)

    @app.after_request
    def compress(response: Response) -> Response:
        if response.mimetype not in TYPES or request.path.startswith(SECRET_PATHS):
            return response
        response.vary.add("Accept-Encoding")
        encoding = best_encoding()
        if (
            encoding is None
            or response.status_code != 200
            or request.method == "HEAD"
            or "Content-Range" in response.headers
        ):
            return response
        file = response.response if response.direct_passthrough else None
        response.direct_passthrough = False
        plain = response.get_data()
        if isinstance(file, FileWrapper):
            file.close()
        if len(plain) < SMALLEST:
            return response
        etag, _ = response.get_etag()
        response.set_data(_compressed(plain, encoding, etag or "", files))
        response.headers["Content-Encoding"] = encoding
        if etag:
            response.set_etag(etag, weak=True)
        return response


def best_encoding() -> str | None:
    """Return the encoding that the browser takes most gladly of those offered; None for none."""
    quality = {name: request.accept_encodings.quality(name) for name in COMPRESSORS}
    best = max(quality, key=lambda name: quality[name])
    return best if quality[best] > 0 else None


def _compressed(
    plain: bytes, encoding: str, etag: str, files: BoundedCache[tuple[str, str], bytes]
) -> bytes:
    """Return the bytes to send; those of a static file are compressed once for all who ask."""
    compress = COMPRESSORS[encoding]
    if not etag or not request.path.startswith(STATIC_PATH):
        return compress(plain, PAGE_LEVELS[encoding])
    key = (f"{request.path} {etag}", encoding)
    small = files.get(key)
    if small is None:
        small = compress(plain, FILE_LEVELS[encoding])
        files.store({key: small})
    return small
