"""Measure whether probabilities are calibrated: of all pairs given 0.8, are four in five true?"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

BINS = 15

SIDE, MARGIN = 320, 44
"""Of the drawing, in pixels."""


@dataclass(frozen=True)
class ReliabilityBin:
    """Predicted and observed shares of the probabilities from `low` up to `high`.

    `predicted` is their mean, `observed` the share that were true; both are None for an empty bin.
    The last bin includes 1.
    """

    low: float
    high: float
    count: int
    predicted: float | None
    observed: float | None


def bins(
    probabilities: Sequence[float], outcomes: Sequence[bool], count: int = BINS
) -> list[ReliabilityBin]:
    """Return bins of equal width over 0 to 1.

    Raises ValueError for a probability outside, and when the lengths differ.
    """
    members: list[list[tuple[float, bool]]] = [[] for _ in range(count)]
    for probability, outcome in zip(probabilities, outcomes, strict=True):
        if not 0 <= probability <= 1:
            raise ValueError(f"{probability} is not a probability")
        members[min(int(probability * count), count - 1)].append((probability, outcome))
    return [
        ReliabilityBin(
            number / count,
            (number + 1) / count,
            len(each),
            fsum(p for p, _ in each) / len(each) if each else None,
            sum(outcome for _, outcome in each) / len(each) if each else None,
        )
        for number, each in enumerate(members)
    ]


def expected_calibration_error(
    probabilities: Sequence[float], outcomes: Sequence[bool], count: int = BINS
) -> float:
    """Return the mean distance between predicted and observed, weighted by bin size; 0 to 1.

    For the probability of one class as in Naeini, Cooper and Hauskrecht, AAAI 2015
    (https://doi.org/10.1609/aaai.v29i1.9602), in 15 bins of equal width as in Guo et al., ICML
    2017 (https://arxiv.org/abs/1706.04599). Raises ValueError for no pairs.

    It is small by itself when nearly all pairs are easy: also report how many lie between the ends.
    """
    if not probabilities:
        raise ValueError("calibration error needs at least one pair")
    gaps = [
        bin_.count * abs(bin_.predicted - bin_.observed)
        for bin_ in bins(probabilities, outcomes, count)
        if bin_.predicted is not None and bin_.observed is not None
    ]
    return fsum(gaps) / len(probabilities)


def brier(probabilities: Sequence[float], outcomes: Sequence[bool]) -> float:
    """Return the mean squared error of the probabilities, 0 to 1; a constant ½ has 0.25.

    Brier, Monthly Weather Review 78, 1950. Raises ValueError for no pairs.
    """
    if not probabilities:
        raise ValueError("the Brier score needs at least one pair")
    errors = [(p - o) ** 2 for p, o in zip(probabilities, outcomes, strict=True)]
    return fsum(errors) / len(errors)


def plot(all_bins: Sequence[ReliabilityBin], title: str) -> str:
    """Return the reliability diagram as an SVG file: a dot a bin, its area growing with its count.

    Needs no stylesheet and no script; colours keep 3 : 1 on white.
    """
    most = max((bin_.count for bin_ in all_bins), default=1)
    dots, lines = [], []
    for bin_ in all_bins:
        if bin_.predicted is None or bin_.observed is None:
            continue
        x, y = _x(bin_.predicted), _y(bin_.observed)
        label = f"{bin_.count} pairs: said {bin_.predicted:.3f}, observed {bin_.observed:.3f}"
        radius = 2.5 + 8 * (bin_.count / most) ** 0.5
        lines.append(f'<path d="M{x:.1f} {_y(bin_.predicted):.1f}V{y:.1f}" stroke="#b3261e"/>')
        dots.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#1d5fa8" '
            f'fill-opacity=".75"><title>{label}</title></circle>'
        )
    ticks = [
        f'<text x="{_x(t):.1f}" y="{_y(0) + 16:.1f}" text-anchor="middle">{t:g}</text>'
        f'<text x="{_x(0) - 7:.1f}" y="{_y(t) + 4:.1f}" text-anchor="end">{t:g}</text>'
        for t in (0, 0.25, 0.5, 0.75, 1)
    ]
    whole = SIDE + 2 * MARGIN
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole} {whole}" '
            'font-family="sans-serif" font-size="12" role="img">',
            f"<title>{_escaped(title)}</title>",
            f'<rect width="{whole}" height="{whole}" fill="white"/>',
            f'<rect x="{MARGIN}" y="{MARGIN}" width="{SIDE}" height="{SIDE}" fill="none" '
            'stroke="#767676"/>',
            f'<path d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}" stroke="#767676" stroke-dasharray="4"/>',
            *lines,
            *dots,
            *ticks,
            f'<text x="{whole / 2}" y="22" text-anchor="middle">{_escaped(title)}</text>',
            f'<text x="{whole / 2}" y="{whole - 8}" text-anchor="middle">said</text>',
            f'<text x="12" y="{whole / 2}" text-anchor="middle" '
            f'transform="rotate(-90 12 {whole / 2})">observed</text>',
            "</svg>\n",
        ]
    )


def _x(share: float) -> float:
    return MARGIN + SIDE * share


def _y(share: float) -> float:
    return MARGIN + SIDE * (1 - share)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
