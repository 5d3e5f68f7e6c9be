"""The parameters and the answer of a search with every part of a photo."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.contract.presentation import HitOut, hit_out
from app.contract.regions import RegionOut, region_out
from app.search.look.look_searcher import MOST_PARTS, Look, PhotoPart
from app.search.parameter_types import Currency, Filters, Price
from app.search.search_parameters import COLLAPSE_TEXT, Collapse, SearchParameters
from features.registry import Registry
from mappings.words.lexicon import PATH_SEPARATOR


class LookParameters(BaseModel):
    """What a request takes beside its picture."""

    model_config = ConfigDict(extra="forbid")

    photo: str = Field(
        "", max_length=40, description="name of a photo that a page showed, instead of a picture"
    )
    parts: int = Field(MOST_PARTS, ge=1, le=MOST_PARTS, description="maximum number of parts")
    size: int = Field(8, ge=1, le=48, description="maximum number of hits of a part")
    filter: Filters = Field(default_factory=dict, description="NAME:VALUE, as in a search")
    price_min: Price = Field(default=None, description="lowest price")
    price_max: Price = Field(default=None, description="highest price")
    currency: Currency = Field(default=None, description="currency of the prices (ISO 4217)")
    collapse: Collapse = Field(default="none", description=COLLAPSE_TEXT)

    def search_parameters(self) -> SearchParameters:
        """Return these as the parameters of the search of every part."""
        own: dict[str, Any] = {
            name: getattr(self, name)
            for name in type(self).model_fields.keys() - {"photo", "parts"}
        }
        return SearchParameters(alike_only=True, **own)


class PhotoPartOut(RegionOut):
    """One part of the photo, and what looks like it."""

    name: str = Field(
        description="the category that most of its best matches are in; '' where they do not agree"
    )
    looser: bool = Field(description="nothing looks like the part: the closest are listed")
    low_confidence: bool = Field(description="the best hit is a guess")
    hits: list[HitOut]


class LookOut(BaseModel):
    """The parts of one photo in reading order: row by row, each from left to right."""

    took_ms: float = Field(description="finding the parts, their features, and the one request")
    parts: list[PhotoPartOut]


def look_out(look: Look, registry: Registry) -> LookOut:
    """Return a look for callers."""
    took_ms = look.regions_ms + look.features_ms + look.engine_ms
    return LookOut(
        took_ms=round(took_ms, 1), parts=[_part_out(part, registry) for part in look.parts]
    )


def _part_out(part: PhotoPart, registry: Registry) -> PhotoPartOut:
    return PhotoPartOut(
        **region_out(part.region).model_dump(),
        name=part.category.rpartition(PATH_SEPARATOR)[2],
        looser=part.is_looser,
        low_confidence=part.low_confidence,
        hits=[hit_out(hit, registry) for hit in part.hits],
    )
