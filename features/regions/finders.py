"""Finds the region finders and runs them: built-ins and plug-ins come through one group.

An entry point of the group ``lookalike.regions`` names a callable that takes an `Environment` and
returns a `RegionFinder`; the entry point's name is the finder's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core import plug_ins
from core.environment import Environment
from core.errors import UnknownName
from core.plug_ins import PlugInProblem
from core.setting import Setting
from features import contract
from features.base import Box, Picture, Region, RegionFinder
from features.regions.overlap import area, suppress_overlaps

SETTINGS = (
    Setting(
        "LOOKALIKE_REGIONS",
        "`objects,page,attention`; with a model `detector`",
        "region finders that propose parts of a picture to search with",
    ),
    Setting(
        "LOOKALIKE_REGIONS_MODEL", "", "a YOLO-style detector of your own, `.onnx` or `.tflite`"
    ),
)


GROUP = "lookalike.regions"
DETECTOR_FINDERS = ("detector",)
DEFAULT_FINDERS = ("objects", "page", "attention")
MODEL_SETTING = "LOOKALIKE_REGIONS_MODEL"

ENOUGH = 3
"""Regions found from which no further finder is asked: the network's cost more and fit less."""

WHOLE_PICTURE = 0.9
"""Share of the picture from which a region is the picture itself."""

MIN_SIDE = 0.001
"""Share of the picture's side below which a region shows nothing."""


@dataclass(frozen=True)
class RegionFinderChain:
    """The finders in use. Those named first win where two propose the same region.

    The next is asked only where those before it found fewer than ENOUGH.
    """

    finders: Sequence[RegionFinder] = ()

    def find_regions(self, picture: Picture, limit: int) -> list[Region]:
        """Return at most `limit` regions that show different things, smaller than the picture.

        Their boxes are rounded as they are stored, so that a stored region, cropped anew, has the
        same pixels.
        """
        distinct: list[Region] = []
        for finder in self.finders:
            if len(distinct) >= min(ENOUGH, limit):
                break
            parts = [region for region in finder.find_regions(picture) if _is_part(region.box)]
            rounded = [replace(region, box=Box.parse(region.box.text)) for region in parts]
            distinct = suppress_overlaps([*distinct, *rounded], limit)
        return distinct


def load(environment: Environment) -> RegionFinderChain:
    """Build the finders that LOOKALIKE_REGIONS names: by default the detector if there is one.

    A finder of another package that cannot be used is left out, with an error in the log. Raises
    UnknownName for a finder that is not installed, and whatever a built-in's constructor raises.
    """
    finders, problems = load_usable(environment)
    plug_ins.log_problems(problems)
    return finders


def load_usable(environment: Environment) -> tuple[RegionFinderChain, list[PlugInProblem]]:
    """Do what `load` does, and return why plug-ins were left out in place of logging it."""
    installed, problems = plug_ins.installed(GROUP)
    default = DETECTOR_FINDERS if environment.text(MODEL_SETTING) else DEFAULT_FINDERS
    finders: list[RegionFinder] = []
    for name in environment.names("LOOKALIKE_REGIONS", default):
        if name not in installed:
            raise UnknownName("region finder", name, installed)
        finder, problem = plug_ins.build(
            installed[name], environment, contract.region_finder_violations
        )
        if problem is not None:
            problems.append(problem)
        else:
            finders.append(finder)
    return RegionFinderChain(finders), problems


def find_problems(environment: Environment) -> list[PlugInProblem]:
    """Return why finders of other packages would be left out, without building any of ours."""
    installed, problems = plug_ins.installed(GROUP)
    for name in environment.names("LOOKALIKE_REGIONS"):
        if name in installed and not plug_ins.is_ours(installed[name]):
            _, problem = plug_ins.build(
                installed[name], environment, contract.region_finder_violations
            )
            problems += [problem] if problem else []
    return problems


def _is_part(box: Box) -> bool:
    sides = box.right - box.left, box.bottom - box.top
    return area(box) < WHOLE_PICTURE and min(sides) >= MIN_SIDE
