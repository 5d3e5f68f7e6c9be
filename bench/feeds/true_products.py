"""Made-up products, of which everything is known: what a feed says of them, and what is right."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from features.base import Json

WORDS = {
    "western": (
        "Café", "Größe", "crème", "Håndlavet", "niño", "soft", "steel", "oak", "lamp", "mug",
        "scarf", "clock", "bowl", "naïve", "Äpfel", "bag", "wool", "tray", "jug", "stool",
    ),
    "japanese": (
        "半袖シャツ", "マグカップ", "読書灯", "ソフトタオル", "木製スツール", "赤い", "表", "机",
        "かばん", "ウール", "時計", "陶器の", "十二角", "能登", "予約", "小さな", "花柄", "皿",
    ),
}  # fmt: skip
BRANDS = ("Northquay", "Lumen & Co", "Fjäll", "Acme")
COLOURS = ("Red", "Blue", "Green", "Grey", "Black")
SIZES = ("S", "M", "L", "XL")
CATEGORIES = (("Home", "Kitchen", "Mugs"), ("Lighting", "Lamps"), ("Apparel", "Scarves"))
JAPANESE_BRANDS = ("ノースキー", "ルーメン")
JAPANESE_CATEGORIES = (("生活", "食器"), ("照明",))

SINGLES, GROUPS, VARIANTS = 14, 3, 2


@dataclass
class TrueProduct:
    """A product, the texts that a fault writes into its cells, and what is right about it.

    `cells` replaces what would stand in a cell, by the name of our field. `right` replaces what is
    right about a field; None means that it must be absent. `named` are the fields of which the load
    must say something. One that is `bad` must stay out and be named. `hidden` ones must stay out,
    and nothing need be said. `edit` changes its text in the file.
    """

    number: int
    key: str
    group: str
    title: str
    description: str
    brand: str
    category: tuple[str, ...]
    color: str
    size: str
    price: float
    stock: int
    gtin: str
    pictures: tuple[str, ...]
    link: str
    sale: float | None = None
    period: tuple[str, str] | None = None
    currency: str = "EUR"
    cells: dict[str, Json] = field(default_factory=dict)
    right: dict[str, Json] = field(default_factory=dict)
    named: set[str] = field(default_factory=set)
    bad: bool = False
    hidden: bool = False
    edit: Callable[[str], str] | None = None

    @property
    def availability(self) -> str:
        """What follows from the stock."""
        return "in_stock" if self.stock else "out_of_stock"


def make_products(random_numbers: random.Random, script: str) -> list[TrueProduct]:
    """Return products of one script, some of them variants that stand together."""
    products = [
        _make(number, "", _title(random_numbers, script), random_numbers, script)
        for number in range(1, SINGLES + 1)
    ]
    for group in range(GROUPS):
        title = _title(random_numbers, script)
        for variant in range(VARIANTS):
            number = SINGLES + 1 + group * VARIANTS + variant
            products.append(_make(number, f"GR-{group + 1}", title, random_numbers, script))
            first = products[-1 - variant]
            products[-1].description, products[-1].brand = first.description, first.brand
            products[-1].category, products[-1].color = first.category, COLOURS[variant]
    return products


def _title(random_numbers: random.Random, script: str) -> str:
    words = random_numbers.sample(WORDS[script], 3)
    return "".join(words) if script == "japanese" else " ".join(words)


def _make(
    number: int, group: str, title: str, random_numbers: random.Random, script: str
) -> TrueProduct:
    is_japanese = script == "japanese"
    words = random_numbers.choices(WORDS[script], k=8)
    pictures = 1 if group else random_numbers.randint(1, 3)
    return TrueProduct(
        number=number,
        key=f"SKU-{number:03d}",
        group=group,
        title=f"{title} {number if not group else ''}".strip(),
        description=" ".join(words),
        brand=random_numbers.choice(JAPANESE_BRANDS if is_japanese else BRANDS),
        category=random_numbers.choice(JAPANESE_CATEGORIES if is_japanese else CATEGORIES),
        color=random_numbers.choice(COLOURS),
        size=random_numbers.choice(SIZES),
        price=random_numbers.choice((9.9, 19.99, 45.5, 120.25, 1249.5, 2980.75)),
        stock=random_numbers.choice((0, 1, 7, 120)),
        gtin=f"40063813339{number:02d}",
        pictures=tuple(f"p{number}_{place}.jpg" for place in range(pictures)),
        link=f"https://shop.example/p/{number}",
    )
