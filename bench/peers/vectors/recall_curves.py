"""Draw recall against the caller's time: a panel per size and filter, a line per store."""

import math
from collections.abc import Sequence
from html import escape

from bench.peers.vectors.size_comparison import SizeComparison
from bench.peers.vectors.stores.roster import STORES

WIDTH, HEIGHT = 230, 190
LEFT, TOP, GAP, LEGEND = 52, 56, 18, 150
"""Of a panel and its surroundings, in pixels."""

COLOURS = ("#b3261e", "#555555", "#1d5fa8", "#a65f00", "#2e7d32", "#8e44ad", "#00838f")
"""One per package, in the order of STORES; the stores of a package differ by their mark."""

MARKS = (
    "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0",
    "M-3 -3h6v6h-6z",
    "M0 -4.5l4.5 4.5l-4.5 4.5l-4.5 -4.5z",
)
"""A disc, a square, a diamond."""

FLOOR = 0.5
"""The lowest recall drawn; anything lower is drawn at the edge."""


def plot_recall_curves(comparisons: Sequence[SizeComparison]) -> str:
    """Return the drawing as SVG: time to the right (logarithmic), recall upwards.

    Needs no stylesheet and no script; colours have 3 : 1 on white. The recall axis is logarithmic
    in 1 - recall, so that .9, .99 and .999 are distinct.
    """
    names = [name for name in STORES if any(name in one.results for one in comparisons)]
    filters = list(
        dict.fromkeys(one for comparison in comparisons for one in comparison.recall_goals)
    )
    times = [
        rung.p95
        for comparison in comparisons
        for result in comparison.results.values()
        for rungs in result.efforts.values()
        for rung in rungs
    ]
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))
    whole_x = LEFT + len(filters) * (WIDTH + GAP) + LEGEND
    whole_y = TOP + len(comparisons) * (HEIGHT + 2 * TOP)
    panels = [
        _panel(comparison, one, (LEFT + column * (WIDTH + GAP), TOP + row * (HEIGHT + 2 * TOP)),
               names, (low, max(high, low + 1)), is_first=column == 0)
        for row, comparison in enumerate(comparisons)
        for column, one in enumerate(filters)
        if one in comparison.recall_goals
    ]  # fmt: skip
    title = "Recall@10 against p95, as the caller waits"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {whole_x} {whole_y}" '
            'font-family="sans-serif" font-size="12" role="img">',
            f"<title>{title}</title>",
            f'<rect width="{whole_x}" height="{whole_y}" fill="white"/>',
            f'<text x="{LEFT}" y="20" font-size="15">{title}</text>',
            *panels,
            *_legend(names, whole_x - LEGEND + 6),
            "</svg>\n",
        ]
    )


def _panel(
    comparison: SizeComparison,
    filtered: str,
    corner: tuple[float, float],
    names: Sequence[str],
    decades: tuple[int, int],
    *,
    is_first: bool,
) -> str:
    left, top = corner
    low, high = decades

    def x(milliseconds: float) -> float:
        return left + 6 + (WIDTH - 12) * (math.log10(milliseconds) - low) / (high - low)

    def y(recall: float) -> float:
        return top + HEIGHT - 8 - (HEIGHT - 16) * _height(recall)

    parts = [
        f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{HEIGHT}" fill="none" '
        'stroke="#767676"/>',
        f'<text x="{left}" y="{top - 6}">{comparison.size:,}: {escape(filtered)}</text>',
    ]
    for recall in (FLOOR, 0.9, 0.99, 1.0):
        at = y(recall)
        parts.append(f'<path d="M{left} {at:.1f}h{WIDTH}" stroke="#dddddd" fill="none"/>')
        if is_first:
            label = f"≤ {recall:g}" if recall == FLOOR else f"{recall:g}"
            parts.append(f'<text x="{left - 5}" y="{at + 4:.1f}" text-anchor="end">{label}</text>')
    for power in range(low, high + 1):
        # The last label ends here, where the next panel's first begins.
        anchor = "end" if power == high else "middle"
        parts.append(
            f'<text x="{x(10.0**power):.1f}" y="{top + HEIGHT + 15}" text-anchor="{anchor}">'
            f"{10.0**power:g}</text>"
        )
    parts.append(
        f'<text x="{left + WIDTH / 2}" y="{top + HEIGHT + 31}" text-anchor="middle">p95, ms</text>'
    )
    for name in reversed([name for name in names if name in comparison.results]):
        rungs = comparison.results[name].efforts[filtered]
        points = [(x(rung.p95), y(rung.recall)) for rung in rungs]
        parts.append(_line(points, name))
        parts += [
            _mark(
                point, name,
                f"{name}, effort {rung.effort}: recall {rung.recall:.3f}, {rung.p95:.2g} ms",
            )
            for point, rung in zip(points, rungs, strict=True)
        ]  # fmt: skip
    return "\n".join(parts)


def _height(recall: float) -> float:
    """Return 0 for FLOOR, 1 for a recall of 1; linear in log(1 - recall), down to .001."""
    missing = min(max(1 - recall, 0.001), 1 - FLOOR)
    return math.log((1 - FLOOR) / missing) / math.log((1 - FLOOR) / 0.001)


def _line(points: Sequence[tuple[float, float]], name: str) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{path}" fill="none" stroke="{_colour(name)}" stroke-width="1.3"/>'


def _mark(point: tuple[float, float], name: str, label: str) -> str:
    package = [one for one in STORES if STORES[one].package == STORES[name].package]
    shape = MARKS[package.index(name) % len(MARKS)]
    place = f'transform="translate({point[0]:.1f} {point[1]:.1f})"'
    return f'<path d="{shape}" {place} fill="{_colour(name)}"><title>{escape(label)}</title></path>'


def _legend(names: Sequence[str], left: float) -> list[str]:
    parts = []
    for number, name in enumerate(names):
        down = TOP + 8 + 20 * number
        parts.append(_mark((left + 6, down), name, name))
        parts.append(f'<text x="{left + 18}" y="{down + 4}">{escape(name)}</text>')
    return parts


def _colour(name: str) -> str:
    packages = list(dict.fromkeys(one.package for one in STORES.values()))
    return COLOURS[packages.index(STORES[name].package) % len(COLOURS)]
