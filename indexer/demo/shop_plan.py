"""The plan of the demo shop: its rows, their pictures, and which rows are relistings."""

import random
from dataclasses import dataclass
from typing import TypeAlias, cast

from indexer.demo.design import Design, dice
from indexer.demo.edits import EDITS
from indexer.demo.kinds import KINDS
from indexer.demo.lettering import japanese_font
from indexer.demo.motif import PATTERNS
from indexer.demo.palette import SCHEMES
from indexer.demo.studio import VIEWS
from indexer.demo.wording import (
    BRANDS,
    LINES,
    PATTERN_WORDS,
    SELLERS,
    TOYS,
    WORDINGS,
    Wording,
)

DemoRow: TypeAlias = dict[str, str | int | list[str]]

RELISTED_SHARE = 0.12
"""The share of the shop's products that are relistings."""


def picture_paths(row: DemoRow) -> list[str]:
    """Return the paths of a row's pictures within the shop's folder."""
    return [str(row["image_link"]), *map(str, cast("list[str]", row["additional_image_link"]))]


@dataclass(frozen=True)
class DemoPicture:
    """One picture file: what is photographed, and what was done to the picture afterwards."""

    path: str
    design: Design
    view: str
    take: str
    edit: str = "copy"


@dataclass(frozen=True)
class Relisting:
    """A product that shows another's pictures, and how they were edited."""

    id: str
    original_id: str
    edit: str


@dataclass(frozen=True)
class DemoShop:
    """The shop: feed rows in the order of their ids, pictures, relistings."""

    rows: tuple[DemoRow, ...]
    pictures: tuple[DemoPicture, ...]
    relistings: tuple[Relisting, ...]


@dataclass(frozen=True)
class _Draft:
    """A product before it has an id: an `original` is another draft's place in the list."""

    design: Design
    row: DemoRow
    take: str
    views: tuple[str, ...]
    original: int | None = None
    edit: str = "copy"


def plan_shop(products: int, seed: str = "") -> DemoShop:
    """Return a shop of this many products; the same number and seed give the same shop."""
    own = (seed,) if seed else ()
    copies = round(products * RELISTED_SHARE)
    drafts = _originals(products - copies, own)
    roll = dice(*own, "relistings", products)
    edits = list(EDITS)
    for number, original in enumerate(roll.sample(range(len(drafts)), copies)):
        edit = edits[number % len(edits)]
        drafts.append(_relisted(drafts[original], original, edit, dice(*own, "relisting", number)))
    order = list(range(len(drafts)))
    dice(*own, "order", products).shuffle(order)
    ids = {place: f"demo-{number:04d}" for number, place in enumerate(order, 1)}
    rows, pictures, relistings = [], [], []
    for place in order:
        draft, name = drafts[place], ids[place]
        paths = [f"images/{name}-{view}.jpg" for view in range(1, len(draft.views) + 1)]
        pictures += [
            DemoPicture(path, draft.design, view, draft.take, draft.edit)
            for path, view in zip(paths, draft.views, strict=True)
        ]
        more: DemoRow = {"image_link": paths[0], "additional_image_link": paths[1:]}
        rows.append({"id": name} | draft.row | more)
        if draft.original is not None:
            relistings.append(Relisting(name, ids[draft.original], draft.edit))
    return DemoShop(tuple(rows), tuple(pictures), tuple(relistings))


def _originals(count: int, own: tuple[str, ...]) -> list[_Draft]:
    """Draw this many products, colour variants of a design one after the other.

    `own` begins every seed: ``()`` for the demo, a name for any other shop.
    """
    drafts: list[_Draft] = []
    names = list(KINDS)
    number = 0
    while len(drafts) < count:
        kind, shape = names[number % len(names)], number // len(names)
        roll = dice(*own, "design", number)
        patterns = sorted(PATTERNS)
        dice(*own, "patterns", kind).shuffle(patterns)
        wording = WORDINGS[kind]
        label = wording.labels[shape % len(wording.labels)] if wording.labels else ("", "", "")
        variants = min(roll.choice((1, 1, 1, 2, 2, 3)), count - len(drafts))
        pattern = patterns[shape % len(patterns)]
        schemes = roll.sample(SCHEMES, variants)
        for variant, scheme in enumerate(schemes):
            label_text = label[0] if label[0].isascii() or japanese_font() else label[1].upper()
            design = Design(
                kind, "/".join((*own, f"design-{number}")), shape, pattern, scheme, label_text
            )
            row = _row(design, wording, label, dice(*own, "design", number, "row"), variant)
            if variants > 1:
                row["item_group_id"] = f"group-{number:03d}"
            row["gtin"] = gtin(len(drafts))
            views = VIEWS if roll.random() < 0.55 else (VIEWS[0], roll.choice(VIEWS[1:]))
            take = "/".join((*own, f"take-{number}-{variant}"))
            drafts.append(_Draft(design, row, take, views))
        number += 1
    return drafts


def _row(
    design: Design,
    wording: Wording,
    label: tuple[str, str, str],
    roll: random.Random,
    variant: int,
) -> DemoRow:
    """Return a product's words, price and stock; `roll` is shared by a design's variants."""
    pattern, pattern_ja = PATTERN_WORDS[design.pattern]
    noun, noun_ja = TOYS[design.shape % len(TOYS)] if design.kind == "toy" else (
        wording.noun, wording.japanese)  # fmt: skip
    line, material = roll.choice(LINES), roll.choice(wording.materials)
    colour, other = design.scheme[0], design.scheme[1].lower()
    if label[1]:
        title = f"{label[1]}, {line} {pattern.title()} {noun} in {colour}"
    else:
        title = f"{line} {pattern.title()} {noun} in {colour}"
    words = {"pattern": pattern, "colour": colour.lower(), "other": other, "material": material}
    description_parts = [
        roll.choice(choice).format(label=label[1], **words) for choice in wording.sentences
    ]
    if label[2]:
        description_parts.append(f"{label[2]}（{noun_ja}、{pattern_ja}）。")
    elif roll.random() < 0.08:
        description_parts.append(f"{pattern_ja}の{noun_ja}。")
    top = wording.category.split(" > ")[0]
    price = roll.randrange(*wording.price) + roll.choice((0.0, 0.5, 0.9, 0.95))
    own = dice(design.seed, variant, "stock")
    stock = 0 if own.random() < 0.06 else own.randrange(1, 120)
    row: DemoRow = {
        "title": title,
        "description": " ".join(description_parts),
        "brand": roll.choice(BRANDS[top]),
        "product_type": wording.category,
        "color": colour,
        "price": f"{price:.2f} EUR",
        "availability": "in_stock" if stock else "out_of_stock",
        "stock": stock,
        "seller_id": roll.choice(SELLERS),
    }
    if wording.sizes:
        row["size"] = roll.choice(wording.sizes)
    return row


def _relisted(draft: _Draft, place: int, edit: str, roll: random.Random) -> _Draft:
    """Return another seller's listing of a product, with the first one or two of its pictures."""
    old = draft.row
    title = str(old["title"])
    named = title.partition(" in ")[0].replace(",", "").split()
    subject = " ".join(word for word in named if word not in LINES)
    price = float(str(old["price"]).partition(" ")[0]) * roll.uniform(0.55, 1.15)
    row = old | {
        "title": roll.choice(
            ("{} - great gift", "Stylish {}", "{}, brand new", "Modern {}")
        ).format(subject),
        "description": roll.choice(
            (
                "Brand new and ready to ship within 24 hours. Colours may differ a little.",
                "A beautiful piece at a fair price. Message us for larger orders.",
                "New arrival for this season. Returns accepted within 14 days.",
            )
        ),
        "price": f"{price:.2f} EUR",
        "stock": roll.randrange(1, 400),
        "availability": "in_stock",
        "seller_id": roll.choice([name for name in SELLERS if name != old["seller_id"]]),
    }
    # Sellers seldom carry a maker's numbers over.
    for field in ("item_group_id", *(("gtin",) if roll.random() < 0.6 else ())):
        row.pop(field, None)
    views = draft.views[: roll.choice((1, 2))]
    return _Draft(draft.design, row, draft.take, views, place, edit)


def gtin(number: int) -> str:
    """Return a valid GTIN-13 from 952, the prefix GS1 keeps for demonstrations."""
    body = f"952{number:09d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return body + str(-total % 10)
