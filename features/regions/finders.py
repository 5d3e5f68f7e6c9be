"""Finds the region finders, and asks all of them: built-ins and strangers come through one group.

An entry point of the group ``lookalike.regions`` names a callable that takes an `Environment` and
returns a `RegionFinder`; the entry point's name is the finder's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from itertools import chain

from core.environment import Environment
from core.errors import InvalidSetting, UnknownName
from features.base import Picture, Region, RegionFinder
from features.regions.overlap import area, suppress_overlaps

GROUP = "lookalike.regions"
DETECTOR_FINDERS = ("detector",)
DEFAULT_FINDERS = ("page", "attention")
MODEL_SETTING = "LOOKALIKE_REGIONS_MODEL"

WHOLE_PICTURE = 0.9
"""Share of the picture from which a region is the picture itself."""


@dataclass(frozen=True)
class RegionFinderChain:
    """The finders in use. Those named first win where two propose the same."""

    finders: Sequence[RegionFinder] = ()

    def find_regions(self, picture: Picture, limit: int) -> list[Region]:
        """Return at most `limit` regions that show different things, smaller than the picture."""
        found = chain.from_iterable(finder.find_regions(picture) for finder in self.finders)
        return suppress_overlaps((one for one in found if area(one.box) < WHOLE_PICTURE), limit)


def load(environment: Environment) -> RegionFinderChain:
    """Build the finders that LOOKALIKE_REGIONS names: by default the detector if there is one.

    Raises UnknownName, InvalidSetting, and whatever a finder's constructor raises.
    """
    installed = {}
    for entry in entry_points(group=GROUP):
        if entry.name in installed:
            raise InvalidSetting(f"two packages install a region finder named {entry.name!r}")
        installed[entry.name] = entry
    default = DETECTOR_FINDERS if environment.text(MODEL_SETTING) else DEFAULT_FINDERS
    names = environment.names("LOOKALIKE_REGIONS", default)
    for name in names:
        if name not in installed:
            raise UnknownName("region finder", name, installed)
    return RegionFinderChain([installed[name].load()(environment) for name in names])
