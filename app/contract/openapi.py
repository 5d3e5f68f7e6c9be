"""The OpenAPI description: adds the parameters and problems that view signatures do not show."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from apiflask import APIFlask
from pydantic import BaseModel

from app.contract.check_parameters import CheckParameters
from app.contract.look import LookParameters
from app.contract.regions import RegionParameters
from app.contract.related import RelatedParameters
from app.contract.request_reading import IMAGE, UNLIKE_IMAGE
from app.contract.shopper_photos import PhotoParameters
from app.contract.suggestions import SuggestionParameters
from app.search.parameter_types import repeated
from app.search.search_parameters import SearchParameters, SimilarParameters
from features.base import Json

INPUTS: dict[str, type[BaseModel]] = {
    "/api/v1/search": SearchParameters,
    "/api/v1/products/{key}/similar": SimilarParameters,
    "/api/v1/products/{key}/photos": PhotoParameters,
    "/api/v1/products/{key}/related": RelatedParameters,
    "/api/v1/regions": RegionParameters,
    "/api/v1/look": LookParameters,
    "/api/v1/suggest": SuggestionParameters,
    "/api/v1/duplicates/check": CheckParameters,
}

PROBLEMS = {
    "400": "an unknown parameter, filter, facet, feature, measure or currency, or a body that "
    "cannot be read",
    "404": "no such product or picture, or a picture search that has expired",
    "409": "the index was built with another model",
    "413": "the picture is too large",
    "415": "not a picture of an accepted format, or a body that is neither a form nor JSON",
    "422": "a value out of range, or a damaged picture",
    "503": "Elasticsearch does not answer, or too many requests are waiting; see Retry-After",
}

PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "stable, for programs"},
        "detail": {"type": "string", "description": "what happened and what to do"},
        "request_id": {"type": "string"},
    },
}


PROBLEM_CONTENT: Json = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
}


def install(
    app: APIFlask,
    read_names: Callable[[], Mapping[str, Iterable[str]]],
    completions: Iterable[Callable[[dict[str, Any]], None]] = (),
) -> None:
    """Add parameters, request bodies and problems to the generated description.

    `read_names` returns parameter → the names it takes now. `completions` then complete the
    description for interfaces of their own.
    """

    @app.spec_processor
    def complete(spec: dict[str, Any] | str) -> dict[str, Any] | str:
        assert isinstance(spec, dict), "the description is served as JSON"
        spec["components"]["schemas"]["Problem"] = PROBLEM
        for path, operations in spec["paths"].items():
            for method, operation in operations.items():
                if method in ("get", "post", "put", "patch", "delete"):
                    _problems(operation)
                    if path in INPUTS:
                        _inputs(operation, method, INPUTS[path])
                        _name_values(operation, read_names())
                    if path == "/nns":
                        operation["parameters"] = _ids()
        for complete_interface in completions:
            complete_interface(spec)
        return spec


def query_parameters(model: type[BaseModel]) -> list[Json]:
    """Return the parameters of a query string that a model declares."""
    lists = repeated(model)
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": field.get("description", ""),
            "schema": _schema(field, name in lists),
            **({"style": "form", "explode": True} if name in lists else {}),
        }
        for name, field in model.model_json_schema()["properties"].items()
    ]


def _problems(operation: dict[str, Any]) -> None:
    for status, description in PROBLEMS.items():
        operation["responses"][status] = {"description": description, "content": PROBLEM_CONTENT}


def _inputs(operation: dict[str, Any], method: str, model: type[BaseModel]) -> None:
    fields = model.model_json_schema()["properties"]
    lists = repeated(model)
    schemas = {name: _schema(field, name in lists) for name, field in fields.items()}
    operation.setdefault("parameters", []).extend(query_parameters(model))
    if method == "post":
        files = (IMAGE, UNLIKE_IMAGE) if issubclass(model, SearchParameters) else (IMAGE,)
        pictures = {name: _pictures("binary") for name in files}
        encoded = {f"{name}s": _pictures("byte") for name in files}
        operation["requestBody"] = {
            "content": {
                "multipart/form-data": {
                    "schema": {"type": "object", "properties": {**pictures, **schemas}}
                },
                "application/json": {
                    "schema": {"type": "object", "properties": {**encoded, **fields}}
                },
            }
        }


def _schema(field: Json, is_list: bool) -> Json:
    return {"type": "array", "items": {"type": "string"}} if is_list else field


def _name_values(operation: dict[str, Any], names: Mapping[str, Iterable[str]]) -> None:
    """Name the filters and facets there are: a shop's own fields are among them."""
    for parameter in operation.get("parameters", []):
        if parameter["name"] in names:
            known = ", ".join(names[parameter["name"]])
            parameter["description"] = f"{parameter['description']}. Names: {known}"


def _pictures(kind: str) -> Json:
    return {"type": "array", "items": {"type": "string", "format": kind}}


def _ids() -> list[Json]:
    return [
        {"name": "product_id", "in": "query", "required": True, "schema": {"type": "string"}},
        {"name": "category_id", "in": "query", "required": False, "schema": {"type": "string"}},
        {
            "name": "limit",
            "in": "query",
            "required": False,
            "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 10},
        },
    ]
