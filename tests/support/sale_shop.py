"""A small shop in which some products are, were or will be on sale."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

DAY = timedelta(days=1)


def write_feed(folder: Path) -> Path:
    """Write the feed and a picture for each product; return the feed's path."""
    now = datetime.now(UTC)
    past = f"{(now - 3 * DAY).isoformat()}/{(now - DAY).isoformat()}"
    present = f"{(now - DAY).isoformat()}/{(now + DAY).isoformat()}"
    future = f"{(now + DAY).isoformat()}/{(now + 3 * DAY).isoformat()}"
    products: dict[str, dict[str, str]] = {
        "plain": {"price": "20.00 EUR"},
        "always": {"price": "47.00 EUR", "sale_price": "24.95 EUR"},
        "now": {"price": "40.00 EUR", "sale_price": "15.00 EUR",
                "sale_price_effective_date": present},
        "ended": {"price": "30.00 EUR", "sale_price": "10.00 EUR",
                  "sale_price_effective_date": past},
        "coming": {"price": "35.00 EUR", "sale_price": "5.00 EUR",
                   "sale_price_effective_date": future},
    }  # fmt: skip
    rows = []
    for number, (key, cells) in enumerate(products.items()):
        name = f"{key}.png"
        picture = Image.new("RGB", (96, 96), (250, 250, 250))
        picture.paste((40 * number, 200 - 30 * number, 90), (8 + number, 16, 80, 60 + 3 * number))
        picture.save(folder / name)
        rows.append(json.dumps({"id": key, "title": f"Cup {key}", "image_link": name, **cells}))
    feed = folder / "products.jsonl"
    feed.write_text("\n".join(rows), encoding="utf-8")
    return feed
