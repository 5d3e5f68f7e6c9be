"""Multipart forms for Flask's test client.

The client's own encoder leaves a large form's temporary file to the garbage collector, which our
tests treat as the error it would be in the program.
"""

import io
from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart


def form(*pictures: bytes, name: str = "a.jpg", **fields: str | Sequence[str]) -> dict[str, Any]:
    """Return the arguments of a POST that sends the pictures as `image` beside the fields."""
    images = [FileStorage(io.BytesIO(data), name, "image") for data in pictures]
    listed = {key: [v] if isinstance(v, str) else list(v) for key, v in fields.items()}
    boundary, body = encode_multipart({**listed, "image": images})
    return {"data": body, "content_type": f'multipart/form-data; boundary="{boundary}"'}
