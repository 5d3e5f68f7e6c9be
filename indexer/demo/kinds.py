"""The kinds of product the shop has, and how each is set before the camera."""

from collections.abc import Callable
from dataclasses import dataclass

from indexer.demo import apparel, bags, decor, kitchen, pantry, paper, textiles, toys
from indexer.demo.canvas import Canvas
from indexer.demo.design import Design

SQUARE, TALL, WIDE = (600, 600), (480, 600), (600, 480)


@dataclass(frozen=True)
class Kind:
    """How one kind of product is drawn and photographed.

    `surface` is "floor", "table" or "wall". What stands on a floor has its foot at object y
    `base`, and reaches `width` units to either side; `focus` is
    what a close-up looks at; `sway` is how far, in radians, lying things may be turned.
    """

    draw: Callable[[Canvas, Design], None]
    surface: str = "table"
    base: float = 0.7
    width: float = 0.4
    focus: tuple[float, float] = (0.0, 0.0)
    zoom: float = 1.0
    sway: float = 0.3
    frames: tuple[tuple[int, int], ...] = (SQUARE,)

    @property
    def stands(self) -> bool:
        """Say whether it stands on a floor, rather than lying or hanging."""
        return self.surface == "floor"


KINDS: dict[str, Kind] = {
    "mug": Kind(kitchen.draw_mug, "floor", kitchen.BASE, 0.42, (0.0, 0.05), 1.15),
    "plate": Kind(kitchen.draw_plate, focus=(-0.3, -0.25), zoom=1.1),
    "bottle": Kind(kitchen.draw_bottle, "floor", 0.78, 0.28, (0, 0), 0.95, frames=(SQUARE, TALL)),
    "vase": Kind(decor.draw_vase, "floor", decor.BASE, 0.28, (0.0, 0.1), 0.98),
    "lamp": Kind(decor.draw_lamp, "floor", 0.78, 0.26, (0.0, -0.2), 1.1, frames=(SQUARE,)),
    "cushion": Kind(textiles.draw_cushion, focus=(0.3, 0.25), zoom=1.1),
    "rug": Kind(textiles.draw_rug, focus=(0.5, 0.3), frames=(WIDE, SQUARE)),
    "scarf": Kind(textiles.draw_scarf, focus=(0.1, 0.1)),
    "shirt": Kind(apparel.draw_shirt, focus=(0.0, -0.2), zoom=1.08, sway=0.1),
    "socks": Kind(apparel.draw_socks, focus=(0.2, 0.1), zoom=1.05),
    "sneaker": Kind(
        apparel.draw_sneaker, "floor", 0.5, 0.8, (0.2, 0.15), 1.0, frames=(SQUARE, WIDE)
    ),
    "tote": Kind(bags.draw_tote, focus=(0.1, 0.1), zoom=1.05, sway=0.12),
    "backpack": Kind(bags.draw_backpack, "floor", 0.68, 0.45, (0.1, 0.1), 1.05),
    "tin": Kind(pantry.draw_tin, "floor", pantry.BASE, 0.4, (0.0, 0.2), 1.1),
    "sauce": Kind(pantry.draw_sauce, "floor", 0.76, 0.3, (0.0, 0.3), 1.08),
    "box": Kind(pantry.draw_box, "floor", pantry.BASE, 0.48, (0.0, 0.1), 1.08),
    "poster": Kind(paper.draw_poster, "wall", focus=(0.2, 0.2), zoom=1.12, sway=0.0),
    "notebook": Kind(paper.draw_notebook, focus=(0.0, -0.2), zoom=1.1, sway=0.12),
    "toy": Kind(toys.draw_toy, "floor", toys.BASE, 0.44, (0.0, -0.1), 1.05),
}
