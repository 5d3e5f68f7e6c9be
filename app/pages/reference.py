"""From an OpenAPI description to a page: operations, their fields, and an example each."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from features.base import Json

METHODS = ("get", "post", "put", "patch", "delete")
EXAMPLES: Mapping[str, str] = {
    "key": "demo-0001",
    "product_id": "demo-0001",
    "q": "mug",
    "name": "BLOCKED",
    "number": "2471117043967977",
    "image_id": "c0ffee" * 10 + "c0ff",
}
"""The values of parameters in examples."""

SCHEMAS = "#/components/schemas/"


@dataclass(frozen=True)
class FieldDoc:
    """One parameter, form field or property. `link` names the schema its values have."""

    name: str
    kind: str
    required: bool
    description: str
    default: str = ""
    link: str = ""


@dataclass(frozen=True)
class BodyDoc:
    """One kind of request body, with the fields that are not also parameters."""

    content_type: str
    fields: Sequence[FieldDoc]
    repeats_parameters: bool


@dataclass(frozen=True)
class ResponseDoc:
    """One status an operation answers with."""

    status: str
    description: str
    schema: str


@dataclass(frozen=True)
class OperationDoc:
    """One method of one path. `anchor` is its place on the page."""

    method: str
    path: str
    anchor: str
    summary: str
    description: str
    parameters: Sequence[FieldDoc]
    bodies: Sequence[BodyDoc]
    answers: Sequence[ResponseDoc]
    example: str


@dataclass(frozen=True)
class SchemaDoc:
    """The shape of a JSON object."""

    name: str
    fields: Sequence[FieldDoc]


def operations_by_tag(spec: Mapping[str, Json], origin: str) -> dict[str, list[OperationDoc]]:
    """Return tag → its operations, in the description's order; examples call `origin`."""
    by_tag: dict[str, list[OperationDoc]] = {tag["name"]: [] for tag in spec["tags"]}
    for path, methods in spec["paths"].items():
        for method in METHODS:
            if method in methods:
                spec_part = methods[method]
                by_tag[spec_part["tags"][0]].append(_operation(method, path, spec_part, origin))
    return {tag: operations for tag, operations in by_tag.items() if operations}


def schemas(spec: Mapping[str, Json]) -> list[SchemaDoc]:
    """Return the schemas that answers use, without the framework's own error shape."""
    used = str(spec["paths"]) + str(spec["components"]["schemas"])
    return [
        SchemaDoc(name, [*_properties(spec_part)])
        for name, spec_part in spec["components"]["schemas"].items()
        if f"'{SCHEMAS}{name}'" in used
    ]


def _operation(method: str, path: str, spec_part: Json, origin: str) -> OperationDoc:
    parameters = [
        _field(p["name"], p["schema"], p.get("required", False), p.get("description", ""))
        for p in spec_part.get("parameters", [])
    ]
    bodies = spec_part.get("requestBody", {}).get("content", {})
    return OperationDoc(
        method=method.upper(),
        path=path,
        anchor=f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        summary=spec_part.get("summary", ""),
        description=spec_part.get("description", ""),
        parameters=parameters,
        bodies=[_body(kind, body["schema"], parameters) for kind, body in bodies.items()],
        answers=[
            _answer(status, response) for status, response in sorted(spec_part["responses"].items())
        ],
        example=_example(method, path, parameters, bodies, origin),
    )


def _body(content_type: str, schema: Json, parameters: Sequence[FieldDoc]) -> BodyDoc:
    names = {field.name for field in parameters}
    fields = [*_properties(schema)]
    own = [field for field in fields if field.name not in names]
    return BodyDoc(content_type, own, repeats_parameters=len(own) < len(fields))


def _answer(status: str, spec_part: Json) -> ResponseDoc:
    names = (_linked(content["schema"]) for content in spec_part.get("content", {}).values())
    return ResponseDoc(status, spec_part["description"], next(names, ""))


def _properties(schema: Json) -> Iterable[FieldDoc]:
    required = schema.get("required", [])
    for name, inner in schema.get("properties", {}).items():
        yield _field(name, inner, name in required, inner.get("description", ""))


def _field(name: str, schema: Json, required: bool, description: str) -> FieldDoc:
    default = schema.get("default")
    text = "" if default in (None, "", []) else str(default)
    return FieldDoc(name, _kind(schema), required, description, text, _linked(schema))


def _kind(schema: Json) -> str:
    """Return a type in words: `string[]`, `number, 0 to 1`, `string or null`."""
    if link := schema.get("$ref"):
        return str(link).removeprefix(SCHEMAS)
    if options := schema.get("anyOf"):
        return " or ".join(_kind(option) for option in options)
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"{_kind(schema.get('items', {}))}[]"
    if kind == "object" and isinstance(values := schema.get("additionalProperties"), dict):
        return f"object of {_kind(values)}"
    low, high = schema.get("minimum"), schema.get("maximum")
    if schema.get("format"):
        kind = {"binary": "file", "byte": "base64"}.get(schema["format"], kind)
    if low is not None and high is not None:
        return f"{kind}, {low} to {high}"
    return f"{kind}, {low} or more" if low is not None else kind


def _linked(schema: Json) -> str:
    link = schema.get("$ref") or schema.get("items", {}).get("$ref") or ""
    return str(link).removeprefix(SCHEMAS)


def _example(
    method: str, path: str, parameters: Sequence[FieldDoc], bodies: Json, origin: str
) -> str:
    values = [
        (field.name, EXAMPLES[field.name])
        for field in parameters
        if field.name in EXAMPLES
        and f"{{{field.name}}}" not in path
        and _is_shown(field, path, method)
    ]
    for name, value in EXAMPLES.items():
        path = path.replace(f"{{{name}}}", quote(value))
    url = f"{origin}{path}" + (f"?{urlencode(values)}" if values else "")
    form = bodies.get("multipart/form-data", {}).get("schema", {}).get("properties", {})
    picture = ["-F", f"{'photo' if 'photo' in form else 'image'}=@photo.jpg"] if form else []
    how = [] if method == "get" or picture else ["-X", method.upper()]
    return shlex.join(["curl", *how, *picture, url])


def _is_shown(field: FieldDoc, path: str, method: str) -> bool:
    """Say whether an example names this field: if required, or for words alone."""
    return field.required or (field.name == "q" and method == "get" and "{" not in path)
