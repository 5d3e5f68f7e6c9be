"""The types that request parameters are declared with, and how their values are written in a form.

In a query string or form a list is a repeated field, and a mapping is repeated ``NAME:VALUE``:
``filter=brand:Acme&filter=brand:Nord&weight=embedding:2``. In JSON they are lists and objects.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)

from app.search.cursor import Cursor, decode_cursor
from core.currency import currency_code
from features.base import Box, Json

TEXT_SCHEMA = WithJsonSchema({"type": "string"})


@dataclass(frozen=True)
class Use:
    """Where a parameter counts beside the search itself.

    `ranks`: it decides which hits come in which order, so all pages of one search agree on it.
    `in_address`: the address of a results page carries it. `event` is the key of the search log
    that it is recorded under, '' for none.
    """

    ranks: bool = True
    in_address: bool = True
    event: str = ""


@dataclass(frozen=True)
class Repeated:
    """Marks a parameter that a query string or form may give several times."""


REPEATED = Repeated()


def repeated(model: type[BaseModel]) -> frozenset[str]:
    """Return the parameters of a model that a query string or form may give several times."""
    return frozenset(
        name for name, field in model.model_fields.items() if REPEATED in field.metadata
    )


def uses(model: type[BaseModel]) -> dict[str, Use]:
    """Return where each parameter of a model counts."""
    return {
        name: next((mark for mark in field.metadata if isinstance(mark, Use)), Use())
        for name, field in model.model_fields.items()
    }


def recorded(parameters: BaseModel) -> dict[str, Json]:
    """Return what the search log records of a request's parameters, by its own keys.

    Under `filters` a mapping gives its entries, what is left out stands under `exclude:FIELD`, and
    any other parameter has its own name; `crops` is a tuple, also of a parameter that takes one.
    """
    record: dict[str, Json] = {"filters": {}}
    for name, use in uses(type(parameters)).items():
        value = getattr(parameters, name)
        if not use.event or value is None:
            continue
        if use.event == "filters":
            record["filters"] |= value if isinstance(value, dict) else {name: value}
        elif use.event == "exclusions":
            record["filters"] |= {f"{name}:{field}": values for field, values in value.items()}
        elif use.event == "crops":
            record["crops"] = tuple(value) if isinstance(value, list) else (value,)
        else:
            record[use.event] = value
    return record


def form_texts(value: Json) -> Iterator[str]:
    """Yield the texts that say a parameter's value in a form, one per repeated field."""
    if isinstance(value, Mapping):
        for name, inner in sorted(value.items()):
            yield from (f"{name}:{text}" for text in form_texts(inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from form_texts(inner)
    elif isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, float):
        yield str(int(value)) if value == int(value) else repr(value)
    elif isinstance(value, Box):
        yield crop_text(value)
    elif value is not None:
        yield str(value)


def crop_text(box: Box) -> str:
    """Return a part of a picture as the parameter `crop` takes it.

    Ten digits: rounded to four, the edges of a very narrow part would be equal, which is refused.
    """
    return box.format(10)


def parse_crop(value: Any) -> Box:
    """Return the part of a picture written as `left,top,right,bottom`; raises ValueError."""
    if isinstance(value, Box):
        return value
    try:
        return Box.parse(str(value))
    except ValueError as error:
        raise ValueError(
            f"{str(value)[:80]!r} is not left,top,right,bottom with 0 ≤ left < right ≤ 1 "
            "and 0 ≤ top < bottom ≤ 1"
        ) from error


def _cursor(value: Any) -> Cursor | None:
    """Return a decoded cursor, None for ''; raises InvalidQuery."""
    if value is None or isinstance(value, Cursor):
        return value
    if not isinstance(value, str):
        raise ValueError("a cursor is text: send the `next_cursor` of the page before")
    return decode_cursor(value) if value else None


def _currency(value: Any) -> str | None:
    """Return a currency's code, None for ''; raises UnknownCurrency."""
    return None if value is None or value == "" else currency_code(str(value))


def _pairs(value: Any) -> Any:
    """Return `NAME:VALUE` texts as a mapping of name to list of values."""
    if not isinstance(value, list):
        return value
    pairs: dict[str, list[str]] = {}
    for text in value:
        name, colon, inner = str(text).partition(":")
        if not colon:
            raise ValueError(f"{str(text)[:80]!r} is not NAME:VALUE")
        pairs.setdefault(name, []).append(inner)
    return pairs


def _last_of_pairs(value: Any) -> Any:
    """Return `NAME:VALUE` texts as a mapping of name to its last value."""
    pairs = _pairs(value)
    return {k: v[-1] for k, v in pairs.items()} if isinstance(value, list) else pairs


def _measures(value: Any) -> Any:
    """Return `NAME:MEASURE` texts as a mapping; a bare measure stands under the empty name."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        value = [text if ":" in str(text) else f":{text}" for text in value]
    return _last_of_pairs(value)


def _lists(value: Any) -> Any:
    pairs = _pairs(value)
    if not isinstance(pairs, dict):
        return pairs
    return {k: v if isinstance(v, list) else [v] for k, v in pairs.items()}


def _split(value: Any) -> Any:
    """Return lists of comma-separated names as one list of names."""
    if not isinstance(value, list):
        return value
    return [name.strip() for text in value for name in str(text).split(",") if name.strip()]


def _single(value: Any) -> Any:
    """Return the only value of a field that may not be repeated."""
    if isinstance(value, list):
        if len(value) > 1:
            raise ValueError(f"give one value, not {len(value)}")
        return value[0] if value else None
    return value


Name = Annotated[str, Field(min_length=1, max_length=512)]
Names = Annotated[
    list[Name],
    Field(max_length=50),
    AfterValidator(lambda names: list(dict.fromkeys(names))),
    REPEATED,
]
"""Names without repetitions, in their order."""

SingleName = Annotated[Name | None, BeforeValidator(_single), REPEATED]
"""One name; giving several is an error rather than the first of them."""

Steps = Annotated[list[Name], Field(max_length=50), BeforeValidator(_split), REPEATED]
Values = Annotated[list[Annotated[str, Field(max_length=512)]], Field(max_length=50)]
Filters = Annotated[dict[str, Values], BeforeValidator(_lists), REPEATED]
Weights = Annotated[
    dict[str, Annotated[float, Field(ge=0, le=1000)]], BeforeValidator(_last_of_pairs), REPEATED
]
Measures = Annotated[dict[str, str], BeforeValidator(_measures), REPEATED]
Listing = Annotated[
    dict[str, Annotated[str | float, Field(union_mode="left_to_right")]],
    BeforeValidator(_last_of_pairs),
    REPEATED,
]
Crop = Annotated[Box, PlainValidator(parse_crop), PlainSerializer(crop_text), TEXT_SCHEMA]
Crops = Annotated[list[Crop], Field(max_length=20), REPEATED]
PictureNumbers = Annotated[list[Annotated[int, Field(ge=1, le=20)]], Field(max_length=20), REPEATED]
Page = Annotated[
    Cursor | None,
    PlainValidator(_cursor),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "null"}]}),
]
Price = Annotated[float | None, Field(ge=0, allow_inf_nan=False)]
Currency = Annotated[
    str | None,
    PlainValidator(_currency),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": "^[A-Za-z]{3}$"}, {"type": "null"}]}),
]
"""A currency's code of ISO 4217, in capitals."""

Identifier = Annotated[str | None, BeforeValidator(lambda value: value or None)]
"""A text that names something; '' names nothing."""
