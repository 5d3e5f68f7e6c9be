"""Edits that cover a part of a picture and leave the rest unchanged."""

import math
import random

from PIL import Image, ImageDraw, ImageFilter, ImageFont

COLOURS = ("#d3282f", "#f4b400", "#0b6e4f", "#1d3f94", "#111111", "#ffffff", "#7b1fa2", "#ff6d00")
CALLS = ("SALE", "NEW IN", "LAST ONE", "GRATIS", "2 for 1", "-40 %", "TOP DEAL", "Only today")
MARKS = ("@my.store", "(c) photo", "resale", "wa.me/555 0100", "DO NOT COPY", "marta_shop")
LINES = (
    "free returns", "size S-XXL", "original quality", "ships in 24 h", "price per piece",
    "limited stock", "100 % cotton", "best seller", "see description", "Lieferung frei Haus",
)  # fmt: skip


def ribbon(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Draw a band with words across a corner, or along an edge."""
    width, height = picture.size
    thick = round(min(width, height) * roll.uniform(0.09, 0.16))
    long = round(math.hypot(width, height))
    band = Image.new("RGBA", (long, thick), _solid(roll))
    ink = roll.choice(("white", "black"))
    font = ImageFont.load_default(max(8, round(thick * 0.6)))
    for step in range(0, long, max(60, thick * 7)):
        ImageDraw.Draw(band).text((step, thick / 2), roll.choice(CALLS), ink, font, "lm")
    edited = picture.convert("RGBA")
    if roll.random() < 0.5:
        top = roll.choice((0, height - thick, round(height * roll.uniform(0, 0.9))))
        edited.alpha_composite(band.crop((0, 0, width, min(thick, height - top))), (0, top))
    else:
        slant = band.rotate(roll.choice((45, -45)), Image.Resampling.BICUBIC, expand=True)
        x = roll.choice((0.16, 0.84)) * width - slant.width / 2
        y = roll.choice((0.16, 0.84)) * height - slant.height / 2
        _lay(edited, slant, round(x), round(y))
    return edited.convert("RGB")


def sticker(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Put a round or jagged badge somewhere on it; 4 to 12 % of the picture."""
    width, height = picture.size
    side = round(math.sqrt(width * height * roll.uniform(0.04, 0.12)))
    badge = Image.new("RGBA", (side * 2, side * 2))
    pen = ImageDraw.Draw(badge)
    points, dent = roll.choice(((60, 1.0), (12, 0.82), (20, 0.9)))
    rim = [
        (side + side * r * math.cos(n * math.pi / points),
         side + side * r * math.sin(n * math.pi / points))
        for n, r in enumerate((1.0, dent) * points)
    ]  # fmt: skip
    pen.polygon(rim, _solid(roll))
    font = ImageFont.load_default(max(8, side // 3))
    pen.text((side, side), roll.choice(CALLS), roll.choice(("white", "black")), font, "mm")
    badge = badge.resize((side, side), Image.Resampling.BOX)
    edited = picture.convert("RGBA")
    x, y = roll.uniform(-0.1, 1) * (width - side), roll.uniform(-0.1, 1) * (height - side)
    _lay(edited, badge, round(x), round(y))
    return edited.convert("RGB")


def price_tag(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Put a price on a rounded plate near an edge."""
    width, height = picture.size
    size = max(10, round(min(width, height) * roll.uniform(0.09, 0.17)))
    font = ImageFont.load_default(size)
    price = roll.choice(("€ {}.99", "${}", "{} kr", "£{}.50", "EUR {},-")).format(
        roll.randrange(3, 90)
    )
    edited = picture.copy()
    pen = ImageDraw.Draw(edited)
    x, y = roll.uniform(0.02, 0.55) * width, roll.choice((0.03, 0.78)) * height
    left, top, right, bottom = pen.textbbox((x, y), price, font)
    pad = size // 4
    plate = roll.choice(COLOURS)
    pen.rounded_rectangle((left - pad, top - pad, right + pad, bottom + pad), pad, plate)
    pen.text((x, y), price, "black" if plate in {"#ffffff", "#f4b400"} else "white", font)
    return edited


def captions(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Write two to five outlined lines over it."""
    width, height = picture.size
    size = max(9, round(height * roll.uniform(0.05, 0.09)))
    font = ImageFont.load_default(size)
    edited = picture.copy()
    pen = ImageDraw.Draw(edited)
    lines = roll.sample(LINES, roll.randint(2, 5))
    x, top = roll.uniform(0.02, 0.3) * width, roll.uniform(0.03, 0.6) * height
    ink, edge = roll.choice((("white", "black"), ("black", "white"), ("yellow", "#222222")))
    for number, line in enumerate(lines):
        where = (x, top + number * size * 1.25)
        pen.text(where, line, ink, font, stroke_width=max(1, size // 14), stroke_fill=edge)
    return edited


def watermarks(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Print a name all over it, half transparent and slanted."""
    width, height = picture.size
    size = max(9, round(width * roll.uniform(0.05, 0.1)))
    font, word = ImageFont.load_default(size), roll.choice(MARKS)
    side = width + height
    layer = Image.new("L", (side, side))
    pen = ImageDraw.Draw(layer)
    step = round(size * roll.uniform(2.2, 4.5))
    along = round(pen.textlength(word, font) * roll.uniform(1.2, 1.8))
    for row, y in enumerate(range(0, side, step)):
        for x in range(-along * (row % 2) // 2, side, along):
            pen.text((x, y), word, round(roll.uniform(60, 130)), font)
    layer = layer.rotate(roll.uniform(-40, 40), Image.Resampling.BICUBIC)
    x, y = (side - width) // 2, (side - height) // 2
    mask = layer.crop((x, y, x + width, y + height))
    ink = Image.new("RGB", picture.size, roll.choice(("white", "black", "#d3282f")))
    return Image.composite(ink, picture, mask)


def redact(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Blur or paint over one or two small boxes, as a seller hides another seller's mark."""
    edited = picture.copy()
    width, height = picture.size
    for _ in range(roll.randint(1, 2)):
        across, down = (round(side * roll.uniform(0.12, 0.3)) for side in picture.size)
        x, y = roll.randint(0, width - across), roll.randint(0, height - down)
        box = (x, y, x + across, y + down)
        if roll.random() < 0.5:
            edited.paste(edited.crop(box).filter(ImageFilter.GaussianBlur(across / 6)), box)
        else:
            edited.paste(roll.choice(COLOURS), box)
    return edited


def _solid(roll: random.Random) -> str:
    """Return a colour, opaque or nearly so."""
    return roll.choice(COLOURS) + roll.choice(("ff", "ff", "d8"))


def _lay(ground: Image.Image, layer: Image.Image, x: int, y: int) -> None:
    """Compose the layer at a position that may lie partly outside the ground."""
    left, top = max(0, -x), max(0, -y)
    right = min(layer.width, ground.width - x)
    bottom = min(layer.height, ground.height - y)
    if left < right and top < bottom:
        ground.alpha_composite(layer.crop((left, top, right, bottom)), (x + left, y + top))
