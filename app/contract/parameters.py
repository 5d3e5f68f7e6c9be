"""Request parameters: one model for query strings, forms and JSON, and what it means.

In a query string or form a list is a repeated field, and a mapping is repeated ``NAME:VALUE``:
``filter=brand:Acme&filter=brand:Nord&weight=embedding:2``. In JSON they are lists and objects.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request

from app.search.search_request import SearchRequest
from core.errors import InvalidQuery, UnknownName
from features.base import Box

MAX_WORDS_CHARS = 1000
MAX_HITS = 200
UNLIKE_WEIGHT = SearchRequest.unlike_weight


def _pairs(value: Any) -> Any:
    """Return `NAME:VALUE` texts as a mapping of name to list of values."""
    if not isinstance(value, list):
        return value
    found: dict[str, list[str]] = {}
    for pair in value:
        name, colon, rest = str(pair).partition(":")
        if not colon:
            raise ValueError(f"{pair!r} is not NAME:VALUE")
        found.setdefault(name, []).append(rest)
    return found


def parse_single_pairs(value: Any) -> Any:
    """Return `NAME:VALUE` texts as a mapping of name to its last value."""
    pairs = _pairs(value)
    return {k: v[-1] for k, v in pairs.items()} if isinstance(value, list) else pairs


def _measures(value: Any) -> Any:
    """Return `NAME:MEASURE` texts as a mapping; a bare measure stands under the empty name."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, list):
        value = [text if ":" in str(text) else f":{text}" for text in value]
    return parse_single_pairs(value)


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


Names = Annotated[list[Annotated[str, Field(max_length=512)]], Field(max_length=50)]
Steps = Annotated[Names, BeforeValidator(_split)]
Filters = Annotated[dict[str, Names], BeforeValidator(_lists)]
Weights = Annotated[
    dict[str, Annotated[float, Field(ge=0, le=1000)]], BeforeValidator(parse_single_pairs)
]
Measures = Annotated[dict[str, str], BeforeValidator(_measures)]


class SearchParameters(BaseModel):
    """What a search takes beside its pictures."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=MAX_WORDS_CHARS, description="words, in any language")
    product_id: Names = Field(default_factory=list, description="products to find more like")
    picture: str | None = Field(
        None, max_length=64, description="`query_id` of an earlier search whose pictures are meant"
    )
    combine: Literal["average", "any", "all"] = Field(
        "average",
        description="several pictures: score by their mean, by the best one, or by the worst one",
    )
    unlike_product_id: Names = Field(
        default_factory=list, description="products to find less like; they are no hits either"
    )
    unlike_picture: str | None = Field(
        None, max_length=64, description="`unlike_picture` of an earlier answer: less like those"
    )
    unlike_weight: float = Field(
        UNLIKE_WEIGHT,
        gt=0,
        le=1000,
        description="say of unlikeness, beside 1 for all that is wanted",
    )
    crop: list[str] = Field(
        default_factory=list,
        max_length=20,
        description="left,top,right,bottom in shares of the picture (0 to 1), one per picture",
    )
    prepare: Steps = Field(
        default_factory=list,
        description="what pictures go through first: denoise, contrast, background",
    )
    accurate: bool = Field(
        False, description="average five views of each picture: better, and five times the cost"
    )
    features: Names = Field(
        default_factory=list, description="ways of seeing to use; all quick ones by default"
    )
    weight: Weights = Field(
        default_factory=dict,
        description="NAME:NUMBER, say in the score; words:NUMBER multiplies all that words say",
    )
    similarity: Measures = Field(
        default_factory=dict,
        description="cosine, dot or l2; or NAME:MEASURE, such as colour:intersection",
    )
    filter: Filters = Field(
        default_factory=dict,
        description="NAME:VALUE; values of one name are alternatives, names must all hold",
    )
    price_min: float | None = Field(None, ge=0, allow_inf_nan=False)
    price_max: float | None = Field(None, ge=0, allow_inf_nan=False)
    facets: Names = Field(default_factory=list, description="filters to count values of")
    size: int = Field(20, ge=1, le=MAX_HITS, description="hits a page")
    explain: bool = Field(
        False, description="also tell the plan, the request to the engine, and where time went"
    )
    min_score: float = Field(
        0.0, ge=0, le=1, description="lowest score of a hit, in the terms `score_kind` gives"
    )
    collapse: Literal["none", "photo"] = Field(
        "none", description="photo: products that show one photo are one hit, with their number"
    )
    cursor: str | None = Field(
        None, description="`next_cursor` of the page before, beside the same parameters"
    )

    model: str | None = Field(
        None,
        max_length=200,
        description="which of two models an index holds side by side: its name, `current`, `next` "
        "or `previous`; the one in service by default",
    )

    def request(
        self, images: Sequence[bytes] = (), unlike_images: Sequence[bytes] = ()
    ) -> SearchRequest:
        """Return the search these parameters and pictures ask for; raises InvalidQuery."""
        if len(self.crop) > max(1, len(images)):
            raise InvalidQuery(f"{len(self.crop)} crops for {len(images)} pictures")
        return SearchRequest(
            images=tuple(images),
            crops=tuple(parse_crop(text) for text in self.crop),
            product_ids=tuple(dict.fromkeys(self.product_id)),
            picture=self.picture or None,
            prepare=tuple(self.prepare),
            accurate=self.accurate,
            unlike_images=tuple(unlike_images),
            unlike_product_ids=tuple(dict.fromkeys(self.unlike_product_id)),
            unlike_picture=self.unlike_picture or None,
            unlike_weight=self.unlike_weight,
            combine=self.combine,
            words=self.q,
            features=tuple(dict.fromkeys(self.features)),
            weights=self.weight,
            measures=self.similarity,
            filters={name: tuple(values) for name, values in self.filter.items()},
            price_min=self.price_min,
            price_max=self.price_max,
            facets=tuple(dict.fromkeys(self.facets)),
            size=self.size,
            min_score=self.min_score,
            by_photo=self.collapse == "photo",
            cursor=self.cursor or None,
            model=self.model or None,
        )


LISTS = frozenset(
    {
        "product_id",
        "unlike_product_id",
        "crop",
        "prepare",
        "features",
        "weight",
        "similarity",
        "filter",
        "facets",
        "listing",
    }
)


Model = TypeVar("Model", bound=BaseModel)


IMAGE, UNLIKE_IMAGE = "image", "unlike_image"
"""Files of a form; in JSON they are lists of base64 texts, with an `s` at the end."""


def read_request(
    request: Request, model: type[Model], others: Sequence[str] = ()
) -> tuple[Model, list[bytes]]:
    """Return a request's parameters and pictures, from its query string, form, files or JSON.

    `others` names further file fields that may be there, for `pictures` to read. Raises
    UnknownName for a parameter nobody knows and InvalidQuery for a value out of range.
    """
    images = read_pictures(request, IMAGE, others)
    if request.is_json:
        lists = {f"{name}s" for name in (IMAGE, *others)}
        given = {name: value for name, value in _json(request).items() if name not in lists}
        return validate({**form_values(request.args), **given}, model), images
    form: MultiDict[str, str] = MultiDict(request.args)
    form.update(request.form)
    return validate(form_values(form), model), images


def read_pictures(request: Request, name: str = IMAGE, others: Sequence[str] = ()) -> list[bytes]:
    """Return the pictures that a form or JSON sent under a name.

    Raises UnknownName for a file field that is neither this one nor among `others`.
    """
    if request.is_json:
        return [_image(text, f"{name}s") for text in _texts(_json(request), f"{name}s")]
    for sent in request.files:
        if sent not in (name, *others):
            raise UnknownName("file field", sent, [name, *others])
    images = []
    for part in request.files.getlist(name):
        with closing(part):
            data = part.read()
            # A browser sends a nameless, empty part for a file field nobody filled in; an empty
            # file that was sent has a name, and whoever sent it is told.
            if data or part.filename:
                images.append(data)
    return images


def validate(given: Mapping[str, Any], model: type[Model]) -> Model:
    """Return the parameters; raises UnknownName or InvalidQuery naming the field."""
    for name in given:
        if name not in model.model_fields:
            raise UnknownName("parameter", name, model.model_fields)
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidQuery(f"{where}: {first['msg'].removeprefix('Value error, ')}") from error


def form_values(form: MultiDict[str, str]) -> dict[str, Any]:
    """Return a form's fields as `validated` takes them; empty ones are left out."""
    return {
        name: [v for v in form.getlist(name) if v] if name in LISTS else form[name]
        for name in form
        if name in LISTS or form[name] != ""
    }


def _json(request: Request) -> dict[str, Any]:
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise BadRequest("the body is not a JSON object; check its commas and quotes")
    return given


def _texts(given: Mapping[str, Any], name: str) -> list[str]:
    texts = given.get(name, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise InvalidQuery(f"{name}: a list of base64 texts")
    return texts


def _image(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise InvalidQuery(f"{name}: a picture is not valid base64") from error


def parse_crop(text: str) -> Box | None:
    """Return the crop written as `left,top,right,bottom`; None for the whole picture."""
    try:
        left, top, right, bottom = (float(part) for part in text.split(","))
        return Box(left, top, right, bottom)
    except ValueError as error:
        raise InvalidQuery(
            f"crop: {text[:80]!r} is not left,top,right,bottom with 0 ≤ left < right ≤ 1 "
            "and 0 ≤ top < bottom ≤ 1"
        ) from error
