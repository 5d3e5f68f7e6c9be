"""Edits that cut a picture, change its geometry, or put something around it."""

import io
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

GROUNDS = ("#ffffff", "#f4f4f6", "#000000", "#e9dcc9", "#20304a", "#c62839")


def trim(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Cut 5 to 30 % off: of one side's length, of a corner's, or as much around the centre."""
    width, height = picture.size
    share = roll.uniform(0.05, 0.3)
    where = roll.choice(("left", "right", "top", "bottom", "corner", "centre"))
    left = top = 0.0
    right = bottom = 1.0
    if where == "corner":
        left, top = roll.choice((0, share)), roll.choice((0, share))
        right, bottom = left + 1 - share, top + 1 - share
    elif where == "centre":
        left = top = share / 2
        right = bottom = 1 - share / 2
    elif where in {"left", "top"}:
        left, top = (share, 0.0) if where == "left" else (0.0, share)
    else:
        right, bottom = (1 - share, 1.0) if where == "right" else (1.0, 1 - share)
    box = (left * width, top * height, right * width, bottom * height)
    return picture.crop((round(box[0]), round(box[1]), round(box[2]), round(box[3])))


def stretch(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Change the aspect by 2 to 8 %."""
    change = 1 + roll.choice((-1, 1)) * roll.uniform(0.02, 0.08)
    return picture.resize((round(picture.width * change), picture.height), _filter(roll))


def mirror_trim(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Swap left and right, then cut."""
    return trim(ImageOps.mirror(picture), roll)


def tilt(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Rotate by 3° to 12°: corners filled, whole or cut, or zoomed until no fill shows."""
    angle = roll.choice((-1, 1)) * roll.uniform(3, 12)
    fill = roll.choice(GROUNDS)
    kind = roll.choice(("cut", "whole", "zoomed"))
    turned = picture.rotate(angle, Image.Resampling.BICUBIC, expand=kind == "whole", fillcolor=fill)
    if kind == "zoomed":
        # Enough to lose the corners of a picture up to 3 : 4 at 12°, but for a little fill.
        keep = 1 / (1 + 0.027 * abs(angle))
        across, down = picture.width * (1 - keep) / 2, picture.height * (1 - keep) / 2
        box = (across, down, picture.width - across, picture.height - down)
        turned = turned.crop((round(box[0]), round(box[1]), round(box[2]), round(box[3])))
    return turned


def shrink(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Scale it to 0.25 to 0.6, to 96 pixels at least, and save it at quality 25 to 60."""
    scale = max(roll.uniform(0.25, 0.6), min(1, 96 / max(picture.size)))
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    file = io.BytesIO()
    picture.resize(size, _filter(roll)).save(file, "JPEG", quality=roll.randint(25, 60))
    return Image.open(file).convert("RGB")


def collage(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Place it beside a drawn panel; it keeps at least 40 % of the whole."""
    width, height = picture.size
    share = roll.uniform(0.25, 1.1)
    beside = roll.random() < 0.5
    gap = roll.choice((0, 2, 6))
    extra = round((width if beside else height) * share) + gap
    size = (width + extra, height) if beside else (width, height + extra)
    sheet = Image.new("RGB", size, roll.choice(GROUNDS))
    first = roll.random() < 0.5
    if beside:
        at, panel = (extra, 0) if first else (0, 0), (extra - gap, height)
        spot = (0, 0) if first else (width + gap, 0)
    else:
        at, panel = (0, extra) if first else (0, 0), (width, extra - gap)
        spot = (0, 0) if first else (0, height + gap)
    sheet.paste(picture, at)
    sheet.paste(_panel(panel, roll), spot)
    return sheet


def phone(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Show it on a phone's screen: status bar, title bar, picture, lines of text, buttons."""
    dark = roll.random() < 0.4
    ground, ink, weak = ("#121212", "#f1f1f1", "#3a3a3c") if dark else ("white", "black", "#d8d8dd")
    width = picture.width
    line = max(8, width // 18)
    bars = round(line * roll.uniform(2.5, 5))
    below = round(width * roll.uniform(0.25, 0.9))
    sheet = Image.new("RGB", (width, bars + picture.height + below), ground)
    pen = ImageDraw.Draw(sheet)
    small = ImageFont.load_default(round(line * 0.8))
    clock = f"{roll.randrange(24)}:{roll.randrange(60):02d}"
    pen.text((line, line * 0.3), clock, ink, small)
    pen.rectangle((width - 3 * line, line * 0.4, width - line, line), outline=ink)
    title = roll.choice(("Listings", "My shop", "Photos", "Chat", "Marktplatz"))
    pen.text((line, bars - line * 1.3), f"<  {title}", ink, ImageFont.load_default(line))
    sheet.paste(picture, (0, bars))
    y = bars + picture.height + line
    while y < sheet.height - line * 2:
        pen.rounded_rectangle((line, y, width * roll.uniform(0.3, 0.95), y + line * 0.6), 3, weak)
        y += round(line * 1.4)
    for number in range(3):
        x = width * (number + 0.5) / 3
        pen.ellipse((x - line / 2, y, x + line / 2, y + line), outline=ink, width=2)
    return sheet


def page(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Place it in a page with headings, lines and other tiles; 15 to 45 % of the whole."""
    width, height = picture.size
    sheet = Image.new(
        "RGB",
        (round(width * roll.uniform(1.3, 2.2)), round(height * roll.uniform(1.5, 2.2))),
        roll.choice(("white", "#f5f3ee", "#1b1b1f")),
    )
    pen = ImageDraw.Draw(sheet)
    head = round(height * roll.uniform(0.06, 0.16))
    pen.rectangle((0, 0, sheet.width, head), roll.choice(GROUNDS))
    x = roll.randint(round(width * 0.03), sheet.width - width - round(width * 0.03))
    y = roll.randint(head + 4, head + round(height * 0.25))
    grey = roll.choice(("#9a9aa2", "#c7c7cf", "#55565c"))
    font = ImageFont.load_default(max(9, height // 14))
    pen.text((x, y + height + 6), f"Item {roll.randrange(1000, 9999)}", grey, font)
    for top in range(y + height + height // 7, sheet.height - 12, max(9, height // 13)):
        end = x + width * roll.uniform(0.4, 1)
        pen.rectangle((x, top, end, top + max(3, height // 40)), grey)
    beside = x + width + 8
    while beside + 30 < sheet.width:
        tile = min(round(width * 0.3), sheet.width - beside - 4)
        sheet.paste(_panel((tile, tile), roll), (beside, y + roll.randint(0, height // 2)))
        beside += tile + 8
    sheet.paste(picture, (x, y))
    return sheet


def pattern(picture: Image.Image, roll: random.Random) -> Image.Image:
    """Put a striped, chequered or dotted border of 5 to 14 % around it."""
    edge = max(4, round(max(picture.size) * roll.uniform(0.05, 0.14)))
    width, height = picture.width + 2 * edge, picture.height + 2 * edge
    across, down = np.meshgrid(np.arange(width), np.arange(height))
    step = max(3, round(edge / roll.uniform(1, 3)))
    kind = roll.choice(("stripes", "checks", "dots"))
    if kind == "stripes":
        is_drawn = (across + down) // step % 2 == 0
    elif kind == "checks":
        is_drawn = (across // step + down // step) % 2 == 0
    else:
        is_drawn = ((across % step - step / 2) ** 2 + (down % step - step / 2) ** 2) < step**2 / 9
    first, second = (Image.new("RGB", (width, height), c) for c in roll.sample(GROUNDS, 2))
    sheet = Image.composite(first, second, Image.fromarray((is_drawn * 255).astype(np.uint8)))
    sheet.paste(picture, (edge, edge))
    return sheet


def _panel(size: tuple[int, int], roll: random.Random) -> Image.Image:
    """Draw a plain picture of shapes, to stand beside the picture."""
    panel = Image.new("RGB", size, roll.choice(GROUNDS))
    pen = ImageDraw.Draw(panel)
    for _ in range(roll.randint(0, 5)):
        x, y = roll.uniform(0, 0.8) * size[0], roll.uniform(0, 0.8) * size[1]
        end = (x + roll.uniform(0.1, 0.5) * size[0] + 1, y + roll.uniform(0.1, 0.5) * size[1] + 1)
        colour = tuple(roll.randrange(256) for _ in range(3))
        shape = pen.ellipse if roll.random() < 0.5 else pen.rectangle
        shape((x, y, *end), colour)
    return panel


def _filter(roll: random.Random) -> Image.Resampling:
    return roll.choice(
        (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)
    )
