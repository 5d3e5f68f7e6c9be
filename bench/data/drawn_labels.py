"""Draws labels by rule: a word on a carton, in five contrasts, four turns and two scripts."""

import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.errors import InvalidSetting
from indexer.demo.lettering import is_japanese, japanese_font

Colour = tuple[int, int, int]

CONTRASTS: Mapping[str, tuple[Colour, Colour]] = {
    "dark on light": ((30, 30, 35), (240, 238, 230)),
    "light on dark": ((245, 245, 240), (25, 30, 55)),
    "yellow on white": ((250, 200, 40), (252, 252, 250)),
    "red on green": ((200, 40, 50), (70, 150, 90)),
    "grey on grey": ((120, 120, 124), (168, 168, 165)),
}
"""Ink and ground."""

TURNS = (0, 90, 180, 270)
"""Degrees, anticlockwise."""

SIZES = (18, 24, 32, 44, 60)
"""Pixels to the em, in a picture of WIDTH × HEIGHT."""

WIDTH, HEIGHT = 640, 480

ENGLISH = (
    "CARDAMOM", "Juniper", "walnut", "PAPRIKA", "Oatmeal", "vanilla", "SAFFRON", "Rosemary",
    "almond", "PUMPKIN", "Ginger", "cedar", "BERGAMOT", "Nutmeg", "lentils", "ESPRESSO",
    "Thistle", "barley", "QUINCE", "Mulberry",
)  # fmt: skip

JAPANESE = (
    "玄米茶", "しょうゆ", "石けん", "チョコレート", "みりん", "麦茶", "無添加", "あずき", "梅干し",
    "ハチミツ", "日本製", "くるみ", "白味噌", "タオル", "昆布だし", "こしあん", "天然水",
    "ラーメン", "お徳用", "りんご",
)  # fmt: skip

SCRIPTS: Mapping[str, tuple[str, ...]] = {"English": ENGLISH, "Japanese": JAPANESE}


@dataclass(frozen=True)
class Label:
    """What to draw: `size` in pixels to the em, `turn` in degrees.

    The letters of one that `is_upright` stand below each other.
    """

    word: str
    script: str
    contrast: str
    turn: int
    size: int
    number: int
    is_upright: bool = False

    def is_in(self, text: str) -> bool:
        """Return whether the word was read: as a whole, and in Japanese anywhere in the text."""
        plain = unicodedata.normalize("NFKC", text).casefold()
        if self.script == "Japanese":
            return self.word in plain.replace(" ", "")
        return self.word.casefold() in re.findall(r"\w+", plain)


def plan_labels() -> list[Label]:
    """Return 200 labels: five of each contrast, turn and script, one in each size."""
    cells = [
        (contrast, turn, script) for contrast in CONTRASTS for turn in TURNS for script in SCRIPTS
    ]
    return [
        Label(_word(script, cell // 2 + 4 * at), script, contrast, turn, size, 5 * cell + at)
        for cell, (contrast, turn, script) in enumerate(cells)
        for at, size in enumerate(SIZES)
    ]


def plan_upright_labels() -> list[Label]:
    """Return 40 labels in upright Japanese: one in each contrast, turn and size of 28 and 44."""
    cells = [
        (contrast, turn, size) for contrast in CONTRASTS for turn in TURNS for size in (28, 44)
    ]
    return [
        Label(_word("Japanese", 3 * at), "Japanese", contrast, turn, size, 1000 + at, True)
        for at, (contrast, turn, size) in enumerate(cells)
    ]


def draw_label(label: Label) -> bytes:
    """Return the picture as a JPEG file; equal labels give equal files.

    Raises InvalidSetting where there is no font with Japanese letters.
    """
    random = np.random.default_rng(label.number)
    ink, ground = CONTRASTS[label.contrast]
    blurs = Image.fromarray(random.uniform(90, 200, (6, 8, 3)).astype(np.uint8))
    drawing = blurs.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(drawing)
    pen.rounded_rectangle((0.12 * WIDTH, 0.08 * HEIGHT, 0.88 * WIDTH, 0.92 * HEIGHT), 12, ground)
    x, y = WIDTH / 2 + random.integers(-30, 30), HEIGHT / 2 + random.integers(-40, 40)
    for place, part in _parts(label):
        pen.text((x, y + place), part, ink, _font(label), anchor="mm", stroke_width=_weight(label))
    noisy = np.asarray(drawing, np.float32) + random.normal(0, 4, (HEIGHT, WIDTH, 3))
    turned = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8)).rotate(
        label.turn, expand=True
    )
    file = io.BytesIO()
    turned.save(file, "JPEG", quality=85)
    return file.getvalue()


def _word(script: str, number: int) -> str:
    words = SCRIPTS[script]
    return words[number % len(words)]


def _parts(label: Label) -> Iterator[tuple[float, str]]:
    """Yield what is drawn in one go, and how far below the middle."""
    if not label.is_upright:
        yield 0.0, label.word
        return
    for at, letter in enumerate(label.word):
        yield (at - (len(label.word) - 1) / 2) * 1.12 * label.size, letter


def _font(label: Label) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    if not is_japanese(label.word):
        return ImageFont.load_default(label.size)
    path = japanese_font()
    if path is None:
        raise InvalidSetting("no Japanese font: apt-get install fonts-noto-cjk")
    return ImageFont.truetype(str(path), label.size)


def _weight(label: Label) -> int:
    """Return the pixels that strokes are widened by: Pillow's own font is thin."""
    return 0 if is_japanese(label.word) else 1
