"""Draw cost against size as SVG: one panel per cost, both axes logarithmic, with its power law."""

import math
from collections.abc import Mapping, Sequence

from bench.statistics.power_law import PowerLaw

PANEL_W, PANEL_H, LEFT, BOTTOM, TOP, GAP = 300, 220, 62, 40, 44, 12
COLUMNS = 3
DOT, LINE = "#1d5fa8", "#b3261e"


LEAST_MS = 0.5
"""The engine counts whole milliseconds: 0 means less than half of one."""

LEAST = 1e-3
"""The smallest value of any other unit, so that it has a logarithm."""


def plotted_cost(cost: float, unit: str) -> float:
    """Return the cost to use on a logarithmic axis and in a power law."""
    return max(LEAST_MS if unit == "ms" else LEAST, cost)


def plot_costs(
    costs: Mapping[int, Mapping[str, float]], laws: Mapping[str, PowerLaw], units: Mapping[str, str]
) -> str:
    """Return the drawing of size → cost by name as SVG, without stylesheet or script."""
    rows = math.ceil(len(units) / COLUMNS)
    width, height = COLUMNS * (PANEL_W + GAP), rows * (PANEL_H + GAP)
    panels = [
        f'<g transform="translate({(number % COLUMNS) * (PANEL_W + GAP)} '
        f'{(number // COLUMNS) * (PANEL_H + GAP)})">'
        + "".join(_panel([(s, c[name]) for s, c in costs.items()], laws.get(name), name, unit))
        + "</g>"
        for number, (name, unit) in enumerate(units.items())
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            'font-family="sans-serif" font-size="11" role="img">',
            "<title>Cost against the number of products</title>",
            f'<rect width="{width}" height="{height}" fill="white"/>',
            *panels,
            "</svg>\n",
        ]
    )


def _panel(
    points: Sequence[tuple[int, float]], law: PowerLaw | None, name: str, unit: str
) -> list[str]:
    sizes = [size for size, _ in points]
    costs = [plotted_cost(cost, unit) for _, cost in points]
    across = _axis(min(sizes), max(sizes), LEFT, PANEL_W - 10)
    up = _axis(min(costs), max(costs), PANEL_H - BOTTOM, TOP)
    power = f" ∝ size^{law.exponent:.2f}" if law else ""
    parts = [f'<text x="{LEFT}" y="24" font-size="13">{name}, {unit}{power}</text>']
    for value in _decades(min(sizes), max(sizes)):
        parts.append(
            f'<path d="M{across(value):.1f} {TOP}V{PANEL_H - BOTTOM}" stroke="#e4e4e4"/>'
            f'<text x="{across(value):.1f}" y="{PANEL_H - BOTTOM + 16}" text-anchor="middle">'
            f"{_short(value)}</text>"
        )
    for value in _decades(min(costs), max(costs)):
        parts.append(
            f'<path d="M{LEFT} {up(value):.1f}H{PANEL_W - 10}" stroke="#e4e4e4"/>'
            f'<text x="{LEFT - 6}" y="{up(value) + 4:.1f}" text-anchor="end">{_short(value)}</text>'
        )
    if law:
        ends = [f"{across(size):.1f} {up(law.at(size)):.1f}" for size in (min(sizes), max(sizes))]
        parts.append(f'<path d="M{"L".join(ends)}" stroke="{LINE}" fill="none"/>')
    parts += [
        f'<circle cx="{across(size):.1f}" cy="{up(cost):.1f}" r="4" fill="{DOT}">'
        f"<title>{size:,} products: {cost:,.4g} {unit}</title></circle>"
        for size, cost in zip(sizes, costs, strict=True)
    ]
    return parts


def _axis(low: float, high: float, start: float, end: float):  # type: ignore[no-untyped-def]
    bottom, top = _decades(low, high)[0], _decades(low, high)[-1]
    span = math.log(top / bottom)
    return lambda value: start + (end - start) * math.log(value / bottom) / span


def _decades(low: float, high: float) -> list[float]:
    """Return the powers of ten from below `low` to above `high`, two at least."""
    first = math.floor(math.log10(low))
    return [10.0**power for power in range(first, max(first + 1, math.ceil(math.log10(high))) + 1)]


def _short(value: float) -> str:
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"
