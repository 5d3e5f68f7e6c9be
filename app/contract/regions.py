"""The parameters and the answer of a request for regions."""

from pydantic import BaseModel, ConfigDict, Field

from features.base import Region


class RegionParameters(BaseModel):
    """What a request takes beside its picture."""

    model_config = ConfigDict(extra="forbid")

    photo: str = Field(
        "", max_length=40, description="name of a photo that a page showed, instead of a picture"
    )
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


def region_out(region: Region) -> RegionOut:
    """Return one region for callers."""
    box = region.box
    return RegionOut(
        crop=box.text,
        box=[box.left, box.top, box.right, box.bottom],
        score=round(region.score, 4),
        label=region.label,
    )
