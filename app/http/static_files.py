"""Static files at addresses that hold a digest of all of them, so that browsers never ask again.

The digest is a folder of the address (`/static/3f2a…/js/shop.js`), so that modules which import
each other by relative addresses stay together. Addresses without it work, too: other sites use
them.
"""

import hashlib
import re
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask import Response, send_from_directory

YEAR_S = 31_536_000
ENDPOINT = "static"
FINGERPRINT = re.compile(r"([0-9a-f]{16})/(.+)")


def install(app: APIFlask) -> None:
    """Put the digest into the addresses of static files, and have those stored for a year."""
    folder = Path(str(app.static_folder))
    current = fingerprint(folder)

    @app.url_defaults
    def add_fingerprint(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == ENDPOINT and not FINGERPRINT.fullmatch(values["filename"]):
            values["filename"] = f"{current}/{values['filename']}"

    def static_file(filename: str) -> Response:
        match = FINGERPRINT.fullmatch(filename)
        path = match[2] if match else filename
        answer = send_from_directory(folder, path)
        # A page of an earlier release names an earlier digest: it gets what there is, for now.
        is_current = match is not None and match[1] == current
        answer.headers["Cache-Control"] = (
            f"public, max-age={YEAR_S}, immutable" if is_current else "no-cache"
        )
        return answer

    app.view_functions[ENDPOINT] = static_file


def fingerprint(folder: Path) -> str:
    """Return a digest of the names and contents of all files below a folder."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
