"""How one picture lies on another, and what was seen there; plain values, free of OpenCV."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace

from features.base import Json


@dataclass(frozen=True)
class Alignment:
    """The transform that lays the first picture over the second, and the evidence for it.

    `transform` is a row-major 2 × 3 affine matrix from pixels of the first picture (`size`, width
    and height) to pixels of the second (`other_size`); both are the sizes the pictures had when
    compared, at most `features.geometry.view.MAX_SIDE` large. `inliers` of `matches` pairs of
    keypoints agree on it. `coverage` is the share of the smaller picture that overlaps.
    `agreement` (−1 to 1) says how far the overlap looks the same, `disagreement` (0 to 1) how
    large a share of it does not. `details` are the further measures of
    `features.geometry.agreement`, by name, `residual` and `spread` of
    `features.geometry.matching`, where keypoints agreed, and `mirror_detail` of
    `features.geometry.comparison`, where the picture is turned over.
    """

    transform: tuple[float, float, float, float, float, float]
    size: tuple[int, int]
    other_size: tuple[int, int]
    inliers: int
    matches: int
    coverage: float
    agreement: float
    disagreement: float
    details: Mapping[str, float] = field(default_factory=dict)

    @property
    def mirrored(self) -> bool:
        """Whether the transform turns the picture over: its determinant is negative then."""
        a, b, _, c, d, _ = self.transform
        return a * d - b * c < 0

    def inverted(self) -> "Alignment":
        """Return the alignment that lays the second picture over the first."""
        a, b, x, c, d, y = self.transform
        scale = a * d - b * c
        e, f, g, h = d / scale, -b / scale, -c / scale, a / scale
        back = (e, f, -(e * x + f * y), g, h, -(g * x + h * y))
        return replace(self, transform=back, size=self.other_size, other_size=self.size)

    def to_json(self) -> Json:
        """Return plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> "Alignment":
        """Return what `to_json` gave. A case may have been kept with fields that are gone since."""
        kept = {one.name: value[one.name] for one in fields(cls) if one.name in value}
        tuples = {name: tuple(value[name]) for name in ("transform", "size", "other_size")}
        return cls(**{**kept, **tuples})
