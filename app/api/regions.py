"""Proposes the parts of a picture that are worth searching with."""

import time

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel, ConfigDict, Field

from app.contract.request_reading import read_request
from app.search.parameter_types import crop_text
from app.services import current_services
from core.errors import InvalidQuery
from features.base import Region

blueprint = APIBlueprint("regions", __name__, tag="Search")


class RegionParameters(BaseModel):
    """What a request takes beside its picture."""

    model_config = ConfigDict(extra="forbid")

    size: int = Field(5, ge=1, le=20, description="maximum number of regions")


class RegionOut(BaseModel):
    """One part of the picture."""

    crop: str = Field(description="send as `crop` to search with this part")
    box: list[float] = Field(description="left, top, right, bottom as fractions of the picture")
    score: float = Field(
        ge=0, le=1, description="how much it stands out, or the detector's confidence"
    )
    label: str = Field(description="the detector's label; '' where there is none")


class RegionsOut(BaseModel):
    """The regions of one picture, the most likely first."""

    took_ms: float
    regions: list[RegionOut]


@blueprint.post("/api/v1/regions")
@blueprint.output(RegionsOut)
@blueprint.doc(summary="Propose the parts of a picture to search with")
def regions() -> RegionsOut:
    """Answer with parts that may each show one object; [] where nothing stands out."""
    parameters, images = read_request(request, RegionParameters)
    if len(images) != 1:
        raise InvalidQuery(f"send one picture as `image`, not {len(images)}")
    started = time.perf_counter()
    services = current_services()
    proposed = services.region_finders.find_regions(
        services.extractor.decode(images[0]), parameters.size
    )
    took_ms = 1000 * (time.perf_counter() - started)
    return RegionsOut(took_ms=round(took_ms, 1), regions=[_out(region) for region in proposed])


def _out(region: Region) -> RegionOut:
    box = region.box
    return RegionOut(
        crop=crop_text(box),
        box=[box.left, box.top, box.right, box.bottom],
        score=round(region.score, 4),
        label=region.label,
    )
