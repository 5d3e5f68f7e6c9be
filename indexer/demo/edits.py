"""What relisting sellers do to a picture that is not theirs."""

import random
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

Edit = Callable[[Image.Image, random.Random], Image.Image]

STICKERS = ("NEW", "SALE", "-30%", "TOP", "HOT", "2 FOR 1")
STAMPS = ("BEST PRICE", "FREE SHIPPING", "ORIGINAL", "SUPER DEALS", "24H DELIVERY")
BRIGHT = ((214, 52, 44), (24, 122, 94), (33, 72, 160), (240, 170, 30), (30, 30, 34))


def copy(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Return the picture as it is: the file comes out byte for byte the same."""
    return picture


def crop(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Cut 4 to 14 % off every side."""
    width, height = picture.size
    left, top, right, bottom = (roll.uniform(0.04, 0.14) for _ in range(4))
    return picture.crop(
        (
            round(left * width),
            round(top * height),
            round((1 - right) * width),
            round((1 - bottom) * height),
        )
    )


def mirror(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Swap left and right."""
    return ImageOps.mirror(picture)


def recolour(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Turn every hue by 55° to 180°."""
    hue, saturation, value = picture.convert("HSV").split()
    step = roll.randrange(40, 128)
    hue = hue.point([(level + step) % 256 for level in range(256)])
    return Image.merge("HSV", (hue, saturation, value)).convert("RGB")


def overprint(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Print words across it, half transparent and aslant."""
    width, height = picture.size
    text, size = roll.choice(STAMPS), round(width * roll.uniform(0.08, 0.115))
    layer = Image.new("L", (width * 2, size * 2), 0)
    ImageDraw.Draw(layer).text(
        (width, size), text, 190, ImageFont.load_default(size), "mm", stroke_width=2
    )
    layer = layer.rotate(roll.uniform(8, 32), Image.Resampling.BICUBIC, expand=True)
    x, y = (layer.width - width) // 2, (layer.height - height) // 2
    mask = layer.crop((x, y, x + width, y + height))
    return Image.composite(Image.new("RGB", picture.size, roll.choice(BRIGHT)), picture, mask)


def sticker(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Stick a starred price badge in a corner."""
    width, height = picture.size
    radius = width * roll.uniform(0.11, 0.15) * 3
    x = roll.choice((0.17, 0.83)) * width * 3
    y = roll.choice((0.17, 0.83)) * height * 3
    large = Image.new("L", (width * 3, height * 3), 0)
    turns = np.arange(40) * np.pi / 20
    star = [
        (x + r * np.cos(a), y + r * np.sin(a))
        for r, a in zip((radius, radius * 0.88) * 20, turns, strict=True)
    ]
    ImageDraw.Draw(large).polygon(star, 255)
    mask = large.resize(picture.size, Image.Resampling.BOX)
    done = Image.composite(Image.new("RGB", picture.size, roll.choice(BRIGHT)), picture, mask)
    font = ImageFont.load_default(round(radius * 0.17))
    pen = ImageDraw.Draw(done)
    pen.text((x / 3, y / 3), roll.choice(STICKERS), "white", font, "mm", stroke_width=1)
    return done


def frame(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Put a plain border, sometimes with a thin inner line, around it."""
    edge = round(picture.width * roll.uniform(0.06, 0.1))
    colour = roll.choice((*BRIGHT, (255, 255, 255)))
    if roll.random() < 0.5:
        picture = ImageOps.expand(picture, max(2, edge // 8), (255, 255, 255))
    return ImageOps.expand(picture, edge, colour)


def rotate(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Turn it by 3° to 7°, white in the corners."""
    angle = roll.choice((-1, 1)) * roll.uniform(3, 7)
    return picture.rotate(angle, Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))


def brighten(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Lift the brightness, contrast and saturation."""
    picture = ImageEnhance.Brightness(picture).enhance(roll.uniform(1.1, 1.2))
    picture = ImageEnhance.Contrast(picture).enhance(roll.uniform(1.1, 1.25))
    return ImageEnhance.Color(picture).enhance(roll.uniform(1.1, 1.4))


def page(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Show it inside another shop's page: a bar, a heading, lines of text, a button."""
    accent = roll.choice(BRIGHT)
    sheet = Image.new("RGB", (picture.width, 600), "white")
    pen = ImageDraw.Draw(sheet)
    pen.rectangle((0, 0, sheet.width, 54), accent)
    pen.text((20, 27), roll.choice(("bazaar", "dealhub", "m-market", "shoply")), "white",
             ImageFont.load_default(26), "lm", stroke_width=1)  # fmt: skip
    pen.rounded_rectangle((sheet.width // 2, 14, sheet.width - 20, 40), 13, "white")
    inset = ImageOps.contain(picture, (sheet.width - 60, 390))
    sheet.paste(inset, ((sheet.width - inset.width) // 2, 72))
    below = 72 + inset.height + 24
    pen.text((30, below), f"EUR {roll.randrange(9, 60)}.90", "black", ImageFont.load_default(30))
    for line in range(2):
        end = sheet.width * roll.uniform(0.4, 0.62)
        pen.rounded_rectangle(
            (30, below + 48 + 22 * line, end, below + 58 + 22 * line), 5, "#d5d5d8"
        )
    pen.rounded_rectangle((sheet.width - 190, below + 4, sheet.width - 30, below + 52), 10, accent)
    pen.text((sheet.width - 110, below + 28), "Buy now", "white", ImageFont.load_default(22), "mm")
    return sheet


EDITS: dict[str, Edit] = {
    edit.__name__: edit
    for edit in (
        crop, mirror, recolour, overprint, sticker, frame, rotate, brighten, page, copy
    )
}  # fmt: skip
