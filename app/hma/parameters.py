"""What the calls of the interface take, as values."""

import json
from typing import TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, Field
from werkzeug.exceptions import BadRequest

from app.contract.request_reading import form_values, validate
from app.trust.banks.signal_types import SIGNAL_TYPES
from features.base import Json

Model = TypeVar("Model", bound=BaseModel)


class SignalTypesParameters(BaseModel):
    """Which signal types are meant."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(default="", max_length=2000, description="address of a picture to fetch")
    content_type: str = Field(default="photo", pattern="^photo$", description="`photo`")
    types: str = Field(default="", description="signal types, separated by commas; default: all")

    @property
    def signal_types(self) -> tuple[str, ...]:
        """The names of the signal types."""
        return split(self.types) or SIGNAL_TYPES


class LookupParameters(SignalTypesParameters):
    """What a lookup takes: a signal and its type, or the address of a picture."""

    signal: str = Field(default="", description="a hash of 64 hexadecimal digits")
    signal_type: str = Field(default="", description=f"one of {', '.join(SIGNAL_TYPES)}")
    banks: str = Field(default="", description="banks to look in, separated by commas")
    seed: str = Field(
        default="", description="the same seed always asks the same share of the banks"
    )
    bypass_coinflip: bool = Field(default=False, description="ask every bank, whatever its share")
    include_distance: bool = Field(default=False, description="of raw_lookup: with distances")


class BankParameters(BaseModel):
    """A bank to create."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(default="", description="capital letters, digits and _")
    enabled: bool | None = Field(default=None, description="as `enabled_ratio` 1 or 0")
    enabled_ratio: float | None = Field(default=None, ge=0, le=1)

    @property
    def ratio(self) -> float | None:
        """The share of lookups that the bank answers; None where nothing is said of it."""
        if self.enabled_ratio is not None:
            return self.enabled_ratio
        return None if self.enabled is None else float(self.enabled)


def query_values(model: type[Model]) -> Model:
    """Return the parameters of the query string; raises UnknownName, InvalidQuery."""
    return validate(form_values(request.args, model), model)


def json_object() -> dict[str, Json]:
    """Return the request's JSON object; raises BadRequest."""
    try:
        values = request.get_json(force=True, silent=True)
    except RecursionError:
        values = None
    if not isinstance(values, dict):
        raise BadRequest("the body is not a JSON object")
    return values


def metadata() -> dict[str, Json]:
    """Return the `metadata` of a request's query or form, a JSON object; raises BadRequest."""
    text = request.args.get("metadata") or request.form.get("metadata") or "{}"
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise BadRequest("metadata is not a JSON object")
    return values


def split(text: str) -> tuple[str, ...]:
    """Return the names of a list that is separated by commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())
