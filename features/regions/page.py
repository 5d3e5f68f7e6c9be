"""Finds pictures on a plain page: people often search with screenshots."""

from core.environment import Environment
from features.base import Picture, Region
from features.geometry import regions
from features.regions.overlap import area

MOST = 6


class PageRegions:
    """Proposes the pictures in a screenshot, or the content within plain borders."""

    name = "page"

    def find_regions(self, picture: Picture) -> list[Region]:
        boxes = regions.find_pictures(picture.pixels, MOST)
        if not boxes and (inner := regions.find_content(picture.pixels)):
            boxes = [inner]
        return [Region(box, area(box)) for box in boxes]


def create(environment: Environment) -> PageRegions:
    """Return the finder; it has no settings."""
    return PageRegions()
