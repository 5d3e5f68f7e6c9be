"""A flood, as marketplaces meet it: one picture in very many listings, each by another seller.

Added to the demo shop so that the trust desk's queue `flood` shows what it is for.
"""

from indexer.demo.design import Design, dice
from indexer.demo.palette import SCHEMES
from indexer.demo.shop_plan import DemoPicture, DemoRow, DemoShop

LISTINGS = 51
"""Listings of the flood: one more than `LOOKALIKE_FLOOD`'s default."""

PICTURE = "images/flood.jpg"
DESIGN = Design("tote", "flood", 0, "stripes", SCHEMES[3])


def with_flood(shop: DemoShop) -> DemoShop:
    """Return the shop with the listings of a flood behind its own."""
    rows = tuple(_row(number) for number in range(1, LISTINGS + 1))
    picture = DemoPicture(PICTURE, DESIGN, "front", "take-flood")
    return DemoShop((*shop.rows, *rows), (*shop.pictures, picture), shop.relistings)


def _row(number: int) -> DemoRow:
    price = 9.9 + dice("flood", number).randrange(0, 60) / 10
    return {
        "id": f"demo-flood-{number:02d}",
        "title": f"Bestseller Tote Bag, offer {number}",
        "description": "A listing of the demo's flood: one picture in very many listings.",
        "brand": "No Name",
        "product_type": "Fashion > Bags > Tote Bags",
        "color": DESIGN.scheme[0],
        "price": f"{price:.2f} EUR",
        "availability": "in_stock",
        "stock": 999,
        "seller_id": f"flood-seller-{number:02d}",
        "image_link": PICTURE,
        "additional_image_link": [],
    }
