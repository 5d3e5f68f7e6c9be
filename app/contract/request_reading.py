"""Reads parameters and pictures from a request: its query string, form, files or JSON."""

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest, UnsupportedMediaType
from werkzeug.wrappers import Request

from app.search.parameter_types import repeated
from core.errors import InvalidQuery, UnknownName

IMAGE, UNLIKE_IMAGE = "image", "unlike_image"
"""Files of a form; in JSON they are lists of base64 texts, with an `s` at the end."""

FORM_TYPES = ("multipart/form-data", "application/x-www-form-urlencoded")
ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")

Model = TypeVar("Model", bound=BaseModel)


def read_request(
    request: Request,
    model: type[Model],
    *,
    other_files: Sequence[str] = (),
    path_values: Mapping[str, Any] | None = None,
) -> tuple[Model, list[bytes]]:
    """Return a request's parameters and pictures.

    `other_files` names further file fields that `read_pictures` reads; `path_values` are parameters
    that the path gives, whatever the request says of them. Raises BadRequest, UnsupportedMediaType,
    UnknownName for an unknown parameter and InvalidQuery for a value out of range.
    """
    images = read_pictures(request, IMAGE, other_files)
    if request.is_json:
        files = {f"{name}s" for name in (IMAGE, *other_files)}
        values = {name: value for name, value in _json(request).items() if name not in files}
        values = {**form_values(request.args, model), **values}
    else:
        form: MultiDict[str, str] = MultiDict(request.args)
        form.update(request.form)
        values = form_values(form, model)
    return validate({**values, **(path_values or {})}, model), images


def read_pictures(
    request: Request, name: str = IMAGE, other_files: Sequence[str] = ()
) -> list[bytes]:
    """Return the pictures sent under a name, by a form or JSON.

    Raises UnknownName for a file field that is neither this one nor among `other_files`, and
    BadRequest or UnsupportedMediaType for a body that cannot be read.
    """
    if request.is_json:
        return [_image(text, f"{name}s") for text in _texts(_json(request), f"{name}s")]
    _check_body_type(request)
    for field in request.files:
        if field not in (name, *other_files):
            raise UnknownName("file field", field or "", [name, *other_files])
    images = []
    for part in request.files.getlist(name):
        with closing(part):
            data = part.read()
            # A browser sends a nameless, empty part for a file field that nobody filled in. An
            # empty file that somebody sent has a name, and its sender gets an error.
            if data or part.filename:
                images.append(data)
    return images


def validate(values: Mapping[str, Any], model: type[Model]) -> Model:
    """Return the parameters; raises UnknownName or InvalidQuery naming the field."""
    _check_names(values, model)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidQuery(f"{where}: {first['msg'].removeprefix('Value error, ')}") from error


def form_values(form: MultiDict[str, str], model: type[BaseModel]) -> dict[str, Any]:
    """Return a form's fields as `validate` takes them; empty ones are left out.

    Raises UnknownName, also for an empty field: a body that is no form at all parses as one.
    """
    _check_names(form, model)
    lists = repeated(model)
    return {
        name: [text for text in form.getlist(name) if text] if name in lists else form[name]
        for name in form
        if name in lists or form[name] != ""
    }


def _check_names(names: Iterable[str | None], model: type[BaseModel]) -> None:
    for name in names:
        if name not in model.model_fields:
            raise UnknownName("parameter", name or "", model.model_fields)


def _check_body_type(request: Request) -> None:
    """Raise UnsupportedMediaType for a body that is neither a form nor JSON."""
    if request.mimetype not in FORM_TYPES and request.get_data(cache=True):
        kind = f"is {request.mimetype[:80]}" if request.mimetype else "has no Content-Type"
        raise UnsupportedMediaType(
            f"the body {kind}; send multipart/form-data with pictures as files named `image`, a "
            "plain form, or application/json"
        )


def _json(request: Request) -> dict[str, Any]:
    try:
        values = request.get_json(silent=True)
        if ESCAPED_SURROGATE.search(request.get_data(cache=True)):
            # Half a surrogate pair is valid JSON and no valid text: nothing can store or send it.
            json.dumps(values, ensure_ascii=False).encode()
    except (RecursionError, UnicodeEncodeError):
        values = None
    if not isinstance(values, dict):
        raise BadRequest("the body is not a JSON object; check its commas, quotes and nesting")
    return values


def _texts(values: Mapping[str, Any], name: str) -> list[str]:
    texts = values.get(name, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise InvalidQuery(f"{name}: send a list of base64 texts")
    return texts


def _image(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:  # not only binascii.Error: text outside ASCII is another
        raise InvalidQuery(f"{name}: a picture is not valid base64") from error
