"""What may be searched for in a picture, each thing on its own."""

import time

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel, ConfigDict, Field

from app.contract import parameters
from app.services import current_services
from core.errors import InvalidQuery
from features.base import Region

blueprint = APIBlueprint("regions", __name__, tag="Search")


class RegionParameters(BaseModel):
    """What a call takes beside its picture."""

    model_config = ConfigDict(extra="forbid")

    size: int = Field(5, ge=1, le=20, description="regions at most")


class RegionOut(BaseModel):
    """One part of the picture."""

    crop: str = Field(description="send as `crop` to search with this part")
    box: list[float] = Field(description="left, top, right, bottom in shares of the picture")
    score: float = Field(ge=0, le=1, description="how far it stands out, or how sure a detector is")
    label: str = Field(description="what a detector takes it for; '' where nobody says")


class RegionsOut(BaseModel):
    """The regions of one picture, the likeliest first."""

    took_ms: float
    regions: list[RegionOut]


@blueprint.post("/api/v1/regions")
@blueprint.output(RegionsOut)
@blueprint.doc(summary="Propose the parts of a picture to search with")
def regions() -> RegionsOut:
    """Answer with parts that may each show one thing; [] where nothing stands out."""
    given, images = parameters.read_request(request, RegionParameters)
    if len(images) != 1:
        raise InvalidQuery(f"send one picture as `image`; {len(images)} came")
    started = time.perf_counter()
    shared = current_services()
    found = shared.region_finders.find_regions(shared.extractor.decode(images[0]), given.size)
    took_ms = 1000 * (time.perf_counter() - started)
    return RegionsOut(took_ms=round(took_ms, 1), regions=[_out(region) for region in found])


def _out(region: Region) -> RegionOut:
    edges = [region.box.left, region.box.top, region.box.right, region.box.bottom]
    box = [round(edge, 4) for edge in edges]
    return RegionOut(
        crop=",".join(f"{edge:g}" for edge in box),
        box=box,
        score=round(region.score, 4),
        label=region.label,
    )
