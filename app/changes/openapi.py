"""Describes the parameters, bodies and answers of changes in the OpenAPI description."""

from typing import Any

from app.contract.changes import BulkParameters, ChangeParameters
from app.contract.openapi import PROBLEM_CONTENT, query_parameters
from features.base import Json

PRODUCT, BULK, JOB = "/api/v1/products/{key}", "/api/v1/products:bulk", "/api/v1/jobs/{key}"

HEADERS = {
    "Idempotency-Key": "a request repeated with its key is answered as the first time",
    "If-Match": "the `ETag` of the product that the change is made for; 412 where it is another",
}

ERRORS = {
    "401": "the writers' token is missing or wrong",
    "403": "products cannot be changed over HTTP here, or a picture may not be fetched",
    "409": "a request with this Idempotency-Key is still being worked on, or the index was built "
    "with another model",
    "412": "the product has changed since",
}

COLUMNS: Json = {
    "type": "object",
    "description": "a feed's columns: title, price, image_link …; pictures as links or data: URLs",
    "additionalProperties": True,
}
FORM: Json = {
    "type": "object",
    "properties": {"image": {"type": "array", "items": {"type": "string", "format": "binary"}}},
    "additionalProperties": True,
}
ACCEPTED = {
    "description": "it takes long: the job is at `Location`",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/JobOut"}}},
}


def complete(spec: dict[str, Any]) -> None:
    """Complete the description of every change."""
    product, bulk = spec["paths"][PRODUCT], spec["paths"][BULK]["post"]
    for method in ("put", "patch", "delete"):
        _describe(product[method], ChangeParameters, HEADERS)
    _describe(bulk, BulkParameters, {name: HEADERS[name] for name in ("Idempotency-Key",)})
    _add_errors(spec["paths"][JOB]["get"])
    json = {"application/json": {"schema": COLUMNS}}
    product["patch"]["requestBody"] = {"content": json}
    product["put"]["requestBody"] = {"content": {**json, "multipart/form-data": {"schema": FORM}}}
    product["put"]["responses"]["201"] = {
        **product["put"]["responses"]["200"],
        "description": "the product is new",
    }
    bulk["requestBody"] = {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}
    for operation in (product["put"], bulk):
        operation["responses"]["202"] = ACCEPTED


def _describe(operation: dict[str, Any], model: Any, headers: dict[str, str]) -> None:
    operation.setdefault("parameters", []).extend(query_parameters(model))
    operation["parameters"] += [
        {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
        for name, text in headers.items()
    ]
    _add_errors(operation)


def _add_errors(operation: dict[str, Any]) -> None:
    for status, description in ERRORS.items():
        operation["responses"][status] = {"description": description, "content": PROBLEM_CONTENT}
