"""The result of the geometric check, as plain values; imports no OpenCV."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace

from features.base import Json


@dataclass(frozen=True)
class Alignment:
    """The transform that lays the first picture over the second, and the evidence for it.

    `transform` is a row-major 2 × 3 affine matrix from pixels of the first picture (`size`, width
    and height) to pixels of the second (`other_size`). Both sizes are those at which the pictures
    were compared, at most `features.geometry.view.MAX_SIDE`. `inliers` of `matches` pairs of
    keypoints fit the transform. `coverage` (0 to 1) is the share of the smaller picture that
    overlaps. `agreement` (−1 to 1) is how alike the overlap is, `disagreement` (0 to 1) the share
    of it that differs. `details` holds all measures of `features.geometry.agreement` by name;
    `residual` and `spread` of `features.geometry.matching` if the transform came from keypoints;
    and `mirror_detail` of `features.geometry.comparison` if the transform mirrors.
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
        """Whether the transform mirrors the picture, which makes its determinant negative."""
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
        """Return the alignment as plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> "Alignment":
        """Restore what `to_json` returned; ignores fields that older versions stored."""
        known = {one.name: value[one.name] for one in fields(cls) if one.name in value}
        tuples = {name: tuple(value[name]) for name in ("transform", "size", "other_size")}
        return cls(**{**known, **tuples})
