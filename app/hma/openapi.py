"""Describes the parameters, files and errors of the interface in the OpenAPI description."""

from typing import Any

from app.contract.openapi import query_parameters
from app.hma.parameters import LookupParameters, SignalTypesParameters
from app.hma.pictures import FILE_FIELD
from features.base import Json

PARAMETERS = {
    "/hma/h/hash": SignalTypesParameters,
    "/hma/m/lookup": LookupParameters,
    "/hma/m/raw_lookup": LookupParameters,
}
PICTURES = ("/hma/h/hash", "/hma/m/lookup", "/hma/c/bank/{name}/content")
"""Paths that take a picture by POST."""

PICTURE: Json = {
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {FILE_FIELD: {"type": "string", "format": "binary"}},
            }
        }
    }
}
MESSAGE: Json = {"type": "object", "properties": {"message": {"type": "string"}}}
ERRORS = {
    "400": "a value that cannot be used",
    "401": "the token is missing or wrong",
    "403": "not allowed without a token, or a name that is taken",
    "404": "no such bank, content, exchange or picture",
    "503": "Elasticsearch does not answer; see Retry-After",
}


def complete(spec: dict[str, Any]) -> None:
    """Complete the description of everything below /hma."""
    for path, operations in spec["paths"].items():
        if path.startswith("/hma/"):
            for method, operation in operations.items():
                _complete(path, method, operation)


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    if path in PARAMETERS:
        operation.setdefault("parameters", []).extend(query_parameters(PARAMETERS[path]))
    if method == "post" and path in PICTURES:
        operation["requestBody"] = PICTURE
    content = {"application/json": {"schema": MESSAGE}}
    kept = {code: one for code, one in operation["responses"].items() if code.startswith("2")}
    errors = {code: {"description": text, "content": content} for code, text in ERRORS.items()}
    operation["responses"] = {**kept, **errors}
