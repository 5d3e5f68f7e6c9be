"""The result of the geometric check, as plain values; imports no OpenCV."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace

from features.base import Json

Quad = tuple[float, float, float, float]
Row = tuple[float, float, float]


@dataclass(frozen=True)
class Alignment:
    """The transform that lays the first picture over the second, and the evidence for it.

    `transform` is a row-major 2 × 3 affine matrix from pixels of the first picture (`size`, width
    and height) to pixels of the second (`other_size`). Both sizes are those at which the pictures
    were compared, at most `features.geometry.view.MAX_SIDE`. `perspective` is the third row of the
    transform where the picture was photographed at an angle: (g, h) of (g, h, 1). `inliers` of
    `matches` pairs of keypoints fit the transform. `coverage` (0 to 1) is the share of the smaller
    picture that overlaps. `agreement` (−1 to 1) is how alike the overlap is, `disagreement` (0 to
    1) the share of it that differs. `details` holds all measures of `features.geometry.agreement`;
    `residual` and `spread` of `features.geometry.matching` if the transform came from keypoints;
    and those of `features.geometry.comparison` at full size. `replaced_box` is where another word
    or print lies, if anywhere: left, top, right, bottom, in pixels of the second picture.
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
    perspective: tuple[float, float] = (0.0, 0.0)
    replaced_box: Quad | None = None

    @property
    def matrix(self) -> tuple[Row, Row, Row]:
        """The transform as three rows; divide the result's first two numbers by its third."""
        a, b, x, c, d, y = self.transform
        return (a, b, x), (c, d, y), (*self.perspective, 1.0)

    @property
    def affine(self) -> tuple[float, float, float, float, float, float]:
        """The affine transform that agrees with this one in the middle of the first picture."""
        (a, b, x), (c, d, y), (g, h, _) = self.matrix
        middle = (self.size[0] / 2, self.size[1] / 2)
        depth = g * middle[0] + h * middle[1] + 1
        across = (a * middle[0] + b * middle[1] + x) / depth
        down = (c * middle[0] + d * middle[1] + y) / depth
        a, b = (a - across * g) / depth, (b - across * h) / depth
        c, d = (c - down * g) / depth, (d - down * h) / depth
        x, y = across - a * middle[0] - b * middle[1], down - c * middle[0] - d * middle[1]
        return a, b, x, c, d, y

    @property
    def mirrored(self) -> bool:
        """Whether the transform mirrors the picture, which makes its determinant negative."""
        (a, b, x), (c, d, y), (g, h, _) = self.matrix
        return a * (d - y * h) - b * (c - y * g) + x * (c * h - d * g) < 0

    def inverted(self) -> "Alignment":
        """Return the alignment that lays the second picture over the first."""
        (a, b, x), (c, d, y), (g, h, _) = self.matrix
        corner = a * d - b * c
        back = (
            (d - y * h) / corner, (x * h - b) / corner, (b * y - x * d) / corner,
            (y * g - c) / corner, (a - x * g) / corner, (x * c - a * y) / corner,
        )  # fmt: skip
        turned = replace(
            self,
            transform=back,
            perspective=((c * h - d * g) / corner, (b * g - a * h) / corner),
            size=self.other_size,
            other_size=self.size,
            replaced_box=None,
        )
        if self.replaced_box is None:
            return turned
        return replace(turned, replaced_box=turned.move_box(self.replaced_box))

    def move_box(self, box: Quad) -> Quad:
        """Return the box around a box of the first picture, laid over the second."""
        left, top, right, bottom = box
        corners = [(x, y, 1.0) for x in (left, right) for y in (top, bottom)]
        moved = [
            tuple(sum(a * b for a, b in zip(row, corner, strict=True)) for row in self.matrix)
            for corner in corners
        ]
        across, down = [x / z for x, _, z in moved], [y / z for _, y, z in moved]
        return min(across), min(down), max(across), max(down)

    def to_json(self) -> Json:
        """Return the alignment as plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> "Alignment":
        """Restore what `to_json` returned; ignores fields that older versions stored."""
        known = {one.name: value[one.name] for one in fields(cls) if one.name in value}
        named = known.keys() & {"transform", "size", "other_size", "perspective"}
        if known.get("replaced_box"):
            named |= {"replaced_box"}
        tuples = {name: tuple(value[name]) for name in named}
        return cls(**{**known, **tuples})
