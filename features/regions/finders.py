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
from features.regions.overlap import area, distinct

GROUP = "lookalike.regions"
WITH_A_DETECTOR = ("detector",)
BUILT_IN = ("page", "attention")
MODEL = "LOOKALIKE_REGIONS_MODEL"

WHOLE = 0.9
"""Share of the picture from which a region is the picture itself."""


@dataclass(frozen=True)
class Finders:
    """The finders in use. Those named first win where two propose the same."""

    each: Sequence[RegionFinder] = ()

    def regions(self, picture: Picture, most: int) -> list[Region]:
        """Return at most `most` regions that show different things, smaller than the picture."""
        found = chain.from_iterable(finder.regions(picture) for finder in self.each)
        return distinct((one for one in found if area(one.box) < WHOLE), most)


def load(environment: Environment) -> Finders:
    """Build the finders that LOOKALIKE_REGIONS names: by default the detector if there is one.

    Raises UnknownName, InvalidSetting, and whatever a finder's constructor raises.
    """
    installed = {}
    for entry in entry_points(group=GROUP):
        if entry.name in installed:
            raise InvalidSetting(f"two packages install a region finder named {entry.name!r}")
        installed[entry.name] = entry
    default = WITH_A_DETECTOR if environment.text(MODEL) else BUILT_IN
    names = environment.names("LOOKALIKE_REGIONS", default)
    for name in names:
        if name not in installed:
            raise UnknownName("region finder", name, installed)
    return Finders([installed[name].load()(environment) for name in names])
