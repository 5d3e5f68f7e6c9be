"""Draw recall against latency as SVG: every method measured, and what the planner chose."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 720, 440, 64, 56, 40, 168
COLOURS = ("#1d5fa8", "#b3261e", "#2e7d32", "#8e24aa", "#a65f00", "#00707c")
"""Each has a contrast of 3 : 1 or more on white."""

RECALLS = (0.5, 0.9, 0.99, 0.999)
PERFECT = 0.9999
"""Where a recall of 1 is drawn: the axis is logarithmic in 1 - recall."""


@dataclass(frozen=True)
class RecallPoint:
    """A point of the plot: its group (one line and colour), its label, and its two values."""

    group: str
    name: str
    ms: float
    recall: float


def plot_recall(ways: Sequence[RecallPoint], planned: Sequence[RecallPoint], title: str) -> str:
    """Return the drawing as SVG, without stylesheet or script.

    `ways` are dots, joined within a group in order of latency; `planned` are rings on top.
    """
    times = [max(0.5, point.ms) for point in (*ways, *planned)]
    across = LatencyAxis(min(times) / 1.2, max(times) * 1.2)
    groups = list(dict.fromkeys(point.group for point in ways))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12" role="img">',
        f"<title>Recall@10 against engine time, {title}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        *_grid(across),
        f'<text x="{LEFT}" y="22" font-size="14">Recall@10 against engine time, {title}</text>',
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}" text-anchor="middle">'
        "engine time, p50, ms</text>",
    ]
    for number, group in enumerate(groups):
        parts += _line(group, [point for point in ways if point.group == group], number, across)
    for point in planned:
        where = f'cx="{across.x(point.ms):.1f}" cy="{_y(point.recall):.1f}"'
        parts.append(
            f'<circle {where} r="6" fill="none" stroke="#202020" stroke-width="1.5">'
            f"<title>planned, {point.group}: {point.recall:.4f}, {point.ms:g} ms</title></circle>"
        )
    if planned:
        parts += _key(len(groups), "as planned", "#202020", ring=True)
    return "\n".join([*parts, "</svg>\n"])


@dataclass(frozen=True)
class LatencyAxis:
    """The logarithmic axis of latency, in milliseconds."""

    low: float
    high: float

    def x(self, ms: float) -> float:
        """Return the x coordinate of a latency."""
        span = math.log(self.high / self.low)
        return LEFT + (WIDTH - RIGHT - LEFT) * math.log(max(0.5, ms) / self.low) / span


def _y(recall: float) -> float:
    """Return the y coordinate of a recall: logarithmic in the misses; below .5 at the bottom."""
    low, high = -math.log10(1 - RECALLS[0]), -math.log10(1 - PERFECT)
    missed = -math.log10(1 - min(PERFECT, max(RECALLS[0], recall)))
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * (missed - low) / (high - low)


def _grid(across: LatencyAxis) -> list[str]:
    foot, end = HEIGHT - BOTTOM, WIDTH - RIGHT
    lines = []
    for recall, label in (*((one, f"{one:g}") for one in RECALLS), (PERFECT, "1")):
        y = _y(recall)
        lines.append(f'<path d="M{LEFT} {y:.1f}H{end}" stroke="#d0d0d0"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{label}</text>')
    for ms in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        if across.low <= ms <= across.high:
            x = across.x(ms)
            lines.append(f'<path d="M{x:.1f} {TOP}V{foot}" stroke="#ececec"/>')
            lines.append(f'<text x="{x:.1f}" y="{foot + 18}" text-anchor="middle">{ms}</text>')
    frame = f'x="{LEFT}" y="{TOP}" width="{end - LEFT}" height="{foot - TOP}"'
    return [*lines, f'<rect {frame} fill="none" stroke="#767676"/>']


def _line(group: str, points: Sequence[RecallPoint], number: int, across: LatencyAxis) -> list[str]:
    colour = COLOURS[number % len(COLOURS)]
    ordered = sorted(points, key=lambda one: one.ms)
    places = [f"{across.x(one.ms):.1f} {_y(one.recall):.1f}" for one in ordered]
    path = f'<path d="M{"L".join(places)}" fill="none" stroke="{colour}" stroke-opacity=".5"/>'
    dots = [
        f'<circle cx="{across.x(one.ms):.1f}" cy="{_y(one.recall):.1f}" r="3.5" fill="{colour}">'
        f"<title>{group}, {one.name}: {one.recall:.4f}, {one.ms:g} ms</title></circle>"
        for one in ordered
    ]
    return [path, *dots, *_key(number, group, colour)]


def _key(number: int, label: str, colour: str, *, ring: bool = False) -> list[str]:
    x, y = WIDTH - RIGHT + 20, TOP + 12 + 20 * number
    paint = f'fill="none" stroke="{colour}" stroke-width="1.5"' if ring else f'fill="{colour}"'
    return [
        f'<circle cx="{x}" cy="{y}" r="{6 if ring else 3.5}" {paint}/>',
        f'<text x="{x + 12}" y="{y + 4}">{label}</text>',
    ]
