"""What a made pair is drawn from: random numbers, the split's fonts and real pictures."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageEnhance

from bench.edits import overprints
from bench.edits.drawn_goods import FONTS, SHAPES, Colour, DrawnGoods
from bench.edits.flat_cards import made_word
from features.imaging.decode import FEED_LIMITS, decode
from indexer.demo.design import Design
from indexer.demo.motif import PATTERNS
from indexer.demo.palette import SCHEMES
from indexer.demo.studio import photograph

Pair = tuple[Image.Image, Image.Image]
"""The examined picture, and the stored one."""

NEUTRALS = (24, 44, 62, 90, 130, 150, 190, 226, 246)
"""Levels of black, charcoal, greys and whites that shops dye in."""

LEAST_DYE, LEAST_INK = 10.0, 25.0
"""Least ΔE (CIELAB) of two dyes, and of a print on its goods; a nearer dye may be the light."""


@dataclass(frozen=True)
class PairStage:
    """Draws what pairs of a split are made of; `pictures` are real ones of that split."""

    roll: random.Random
    split: str
    pictures: Sequence[Path]

    def real(self) -> Image.Image:
        """Return a real picture."""
        path = self.roll.choice(self.pictures)
        return decode(path.read_bytes(), FEED_LIMITS).pixels.convert("RGB")

    def font(self) -> str:
        """Return a font of the split."""
        return self.roll.choice(FONTS[self.split])

    def seed(self) -> str:
        """Return a seed that no other split has."""
        return f"{self.split}-{self.roll.random()}"

    def colour(self) -> Colour:
        """Return a dye: four in ten are neutral."""
        roll = self.roll
        if roll.random() < 0.4:
            level = roll.choice(NEUTRALS)
            return (level, level + roll.randint(-4, 4), level + roll.randint(-8, 8))
        return (roll.randrange(20, 250), roll.randrange(20, 250), roll.randrange(20, 250))

    def other_colour(self, colour: Colour, least: float = LEAST_DYE) -> Colour:
        """Return a dye at least `least` (ΔE) from the given one."""
        while True:
            other = self.colour()
            if _delta_e(colour, other) >= least:
                return other

    def words(self) -> tuple[str, ...]:
        """Return the lines of a label: a name, two words, a size."""
        roll = self.roll
        size = f"{roll.randint(1, 90) * 10} {roll.choice(('ML', 'G'))}"
        return (made_word(roll).upper(), f"{made_word(roll)} {made_word(roll)}".upper(), size)

    def goods(self) -> DrawnGoods:
        """Return goods of any dye; some have a label, a print or a trim."""
        roll = self.roll
        lot, colour = roll.random(), self.colour()
        return DrawnGoods(
            self.seed(),
            colour,
            words=self.words() if lot < 0.4 else (),
            trim=self.colour() if roll.random() < 0.3 else None,
            print_name=roll.choice(SHAPES) if 0.4 < lot < 0.55 else "",
            print_colour=self.other_colour(colour, LEAST_INK),
            font=self.font(),
        )

    def design(self, kinds: Sequence[str]) -> Design:
        """Return a design of the demo's drawing, with a word on it."""
        roll = self.roll
        return Design(
            roll.choice(kinds), self.seed(), roll.randrange(12), roll.choice(sorted(PATTERNS)),
            roll.choice(SCHEMES), made_word(roll).upper(),
        )  # fmt: skip

    def photo(self, design: Design, take: str) -> Image.Image:
        """Return a design's photo; equal takes give equal sets, light and camera."""
        return photograph(design, "front", take)

    def served(self, picture: Image.Image) -> Image.Image:
        """Return the picture as another shop serves it: smaller, a little lighter, or trimmed."""
        roll = self.roll
        if roll.random() < 0.6:
            scale = roll.uniform(0.5, 0.95)
            width, height = (max(64, round(side * scale)) for side in picture.size)
            picture = picture.resize((width, height))
        if roll.random() < 0.5:
            picture = ImageEnhance.Brightness(picture).enhance(roll.uniform(0.9, 1.12))
        if roll.random() < 0.25:
            edge = roll.uniform(0.01, 0.05)
            width, height = picture.size
            across, down = round(width * edge), round(height * edge)
            picture = picture.crop((across, down, width - across, height - down))
        return picture

    def overprinted(self, picture: Image.Image) -> Image.Image:
        """Return the picture with something printed over it."""
        edit = self.roll.choice(
            (overprints.ribbon, overprints.sticker, overprints.price_tag, overprints.captions,
             overprints.watermarks)
        )  # fmt: skip
        return edit(picture.convert("RGB"), self.roll)


def _delta_e(first: Colour, second: Colour) -> float:
    levels = np.array([[first, second]], np.float32) / 255
    labs = cv2.cvtColor(levels, cv2.COLOR_RGB2LAB)[0]
    return float(np.linalg.norm(labs[0] - labs[1]))
