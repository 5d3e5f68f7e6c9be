"""A small shop with variants of products and two currencies."""

import json
from pathlib import Path

from PIL import Image

COLUMNS = ("id", "title", "item_group_id", "color", "size", "price")
PRODUCTS: tuple[tuple[str, ...], ...] = (
    ("hood-red", "Zip hoodie", "HOOD", "Red", "M", "45 EUR"),
    ("hood-blue", "Zip hoodie", "hood", "Blue", "M", "45 EUR"),
    ("hood-navy", "Zip hoodie", "HOOD", "Navy", "M", "49 EUR"),
    ("hood-green", "Zip hoodie", "HOOD", "Green", "L", "49 EUR"),
    ("coat-s", "Rain coat", "COAT", "", "S", "80 EUR"),
    ("coat-m", "Rain coat", "COAT", "", "M", "80 EUR"),
    ("mug", "Red mug", "", "Red", "", "9 EUR"),
    ("scarf", "Green scarf", "", "Green", "", "19 EUR"),
    ("bowl", "Tea bowl", "", "", "", "1200 JPY"),
    ("plate", "Tea plate", "", "", "", "980 JPY"),
    ("tray", "Tea tray", "", "", "", "30 USD"),
)
HOODIES = {"hood-red", "hood-blue", "hood-navy", "hood-green"}


def write_feed(folder: Path) -> Path:
    """Write the feed and a picture for each product; return the feed's path."""
    rows = []
    for number, values in enumerate(PRODUCTS):
        name = f"{number}.png"
        picture = Image.new("RGB", (96, 96), (250, 250, 250))
        picture.paste((20 * number, 200 - 15 * number, 90), (8 + number, 16, 80, 60 + 3 * number))
        picture.save(folder / name)
        given = {key: value for key, value in zip(COLUMNS, values, strict=True) if value}
        rows.append(json.dumps({**given, "image_link": name}))
    feed = folder / "products.jsonl"
    feed.write_text("\n".join(rows), encoding="utf-8")
    return feed
