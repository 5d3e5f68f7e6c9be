"""Products made up by rule, as many as are asked for, and questions that are looking for them.

A number always gives the same product. Nothing is copied from a real shop: brands and series are
syllables, the rest is everyday English. A product's words are drawn independently, so that most
words are in one product of a hundred and some in one of ten.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from features.base import Json

NOUNS = {
    "Home > Kitchen": ("mug", "teapot", "plate", "bowl", "knife", "pan", "kettle", "jug", "tray"),
    "Home > Lighting": ("lamp", "lantern", "candle", "spotlight", "chandelier"),
    "Home > Furniture": ("chair", "table", "shelf", "stool", "bench", "desk", "cabinet", "sofa"),
    "Home > Textiles": ("towel", "blanket", "pillow", "curtain", "rug", "quilt"),
    "Fashion > Shoes": ("boot", "sandal", "sneaker", "slipper", "loafer"),
    "Fashion > Tops": ("shirt", "hoodie", "sweater", "blouse", "jacket", "coat", "vest"),
    "Fashion > Bottoms": ("skirt", "legging", "jeans", "shorts"),
    "Fashion > Bags": ("backpack", "handbag", "wallet", "suitcase", "pouch"),
    "Sport > Outdoor": ("tent", "hammock", "bottle", "paddle", "helmet", "rope"),
    "Toys > Games": ("puzzle", "kite", "doll", "robot", "marble"),
}
"""Category → what its products are called."""

ADJECTIVES = (
    "classic", "modern", "rustic", "compact", "folding", "padded", "quilted", "striped", "smooth",
    "round", "square", "tall", "slim", "sturdy", "vintage", "elegant", "everyday", "thermal",
    "waterproof", "portable", "adjustable", "handmade", "glossy", "matte",
)  # fmt: skip
MATERIALS = (
    "cotton", "leather", "oak", "steel", "linen", "wool", "ceramic", "glass", "bamboo", "felt",
)  # fmt: skip
COLOURS = (
    "red", "blue", "green", "black", "white", "grey", "brown", "pink", "orange", "purple",
    "yellow", "navy", "beige", "teal",
)  # fmt: skip
SIZES = ("XS", "S", "M", "L", "XL", "40", "41", "42", "43")
SENTENCES = (
    "Made to last for years", "Easy to clean and to store", "A gift for everybody",
    "Designed in a small studio", "Comes in a recycled box", "Tested by our own customers",
    "Fits into every room", "With a guarantee of two years",
)  # fmt: skip
SYLLABLES = ("ba", "do", "ki", "lu", "me", "no", "ra", "su", "ti", "vo", "zen", "mar", "fil", "gos")

BRANDS = 400
SERIES = 2_000


@dataclass(frozen=True)
class Question:
    """A search for words. `target` is the product it is about, None for a broad one.

    `filters` are `filter` parameters; `price_max` is in the shop's currency.
    """

    words: str
    target: str | None = None
    filters: dict[str, list[str]] = field(default_factory=dict)
    price_max: float | None = None


def make_product(number: int) -> dict[str, Json]:
    """Return the document of a product with one picture, as a load writes it."""
    chance = random.Random(number)
    category = chance.choice(list(NOUNS))
    noun, material, colour = (chance.choice(words) for words in (NOUNS[category], MATERIALS,
                                                                 COLOURS))  # fmt: skip
    brand, series = (_name(kind, chance.randrange(count)) for kind, count in
                     (("brand", BRANDS), ("series", SERIES)))  # fmt: skip
    picture: dict[str, Json] = {
        "image_id": f"{number:064x}", "width": 400, "height": 300, "source": "catalogue",
        "colour": {"names": [colour if colour not in ("navy", "teal") else "blue"]},
    }  # fmt: skip
    if chance.random() < 0.2:
        picture["ocr"] = {"text": f"{series} {chance.choice(SENTENCES)}"}
    return {
        "id": f"P{number:07d}",
        "title": f"{series} {chance.choice(ADJECTIVES)} {material} {noun}",
        "description": ". ".join(chance.sample(SENTENCES, 3)),
        "brand": brand,
        "category": [category.partition(" > ")[0], category],
        "color": [colour],
        "size": [chance.choice(SIZES)],
        "material": [material],
        "availability": chance.choice(("in_stock", "in_stock", "in_stock", "out_of_stock")),
        "price": round(5 * 40 ** chance.random(), 2),
        "currency": "EUR",
        "images": [picture],
    }  # fmt: skip


def make_questions(count: int, products: int, seed: int = 16) -> Iterator[Question]:
    """Yield questions, each of five kinds in turn.

    By series, kind and thing; by brand, material, thing and colour; by the first with a letter left
    out; by the first under two filters; and a broad one, which some hundred products answer.
    """
    chance = random.Random(seed)
    for number in range(count):
        product = make_product(chance.randrange(products))
        series, adjective, material, noun = product["title"].split()
        brand, (colour,) = product["brand"], product["color"]
        target = product["id"]
        match number % 5:
            case 0:
                yield Question(f"{series} {adjective} {noun}", target)
            case 1:
                yield Question(f"{colour} {material} {noun} {brand}", target)
            case 2:
                yield Question(f"{_misspelt(series, chance)} {adjective} {noun}", target)
            case 3:
                ceiling = 1.2 * product["price"]
                filters = {"brand": [brand]}
                yield Question(f"{series} {adjective} {noun}", target, filters, ceiling)
            case _:
                yield Question(f"{colour} {noun}")


def _name(kind: str, number: int) -> str:
    """Return a name of three or four syllables, one for each kind and number."""
    chance = random.Random(f"{kind} {number}")
    return "".join(chance.choice(SYLLABLES) for _ in range(chance.choice((3, 4)))).capitalize()


def _misspelt(word: str, chance: random.Random) -> str:
    """Return a word without one of its letters, never the first."""
    place = chance.randrange(1, len(word))
    return word[:place] + word[place + 1 :]
