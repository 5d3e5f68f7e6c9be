"""Recognises pictures that only say there is none, and keeps them out of every match.

A shop without a picture of a product shows one and the same file. Matched like a picture, it would
make thousands of products each other's duplicates. Such a file keeps its place with the product,
loses its features' values, and gets the source `placeholder`.

A file is one where many products of different kinds show it: a photo that sellers share, or a
flood, is of one kind. Its name helps: of a file called "no-image.png" a few products are enough.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import unquote, urlsplit

from core.environment import Environment
from core.setting import Setting
from features.base import Json
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PICTURES, PLACEHOLDER
from mappings.catalogue.shared_pictures import (
    SharedPicture,
    find_shared_pictures,
    products_showing,
)
from mappings.words.folding import fold

SETTINGS = (
    Setting(
        "LOOKALIKE_PLACEHOLDER_PRODUCTS",
        "20",
        "how many products of different kinds must share a file before it counts as the shop's "
        "word for no picture; 0 turns that off",
    ),
)

NAME = re.compile(
    r"(?:^|[^a-z])(?:no[-_ ]?(?:image|img|photo|pic|picture)|placeholder|coming[-_ ]?soon"
    r"|(?:image|picture|photo)[-_ ]?not[-_ ]?(?:available|found)|not?[-_ ]?available"
    r"|missing[-_ ]?(?:image|img|photo|picture)|default[-_ ]?(?:image|img|product))(?:[^a-z]|$)"
)
"""How such files are called; compared with the last part of an address, in lower case."""

FEWEST_NAMED = 3
"""Products that must share a file with such a name: a single one may be a product's own."""

KINDS = 3
"""Main categories that the products must have, or else brands: a photo shows one kind of thing."""

ATTEMPTS = 5

T = TypeVar("T")
Retry = Callable[[Callable[[], T]], T]


def least_products(environment: Environment) -> int:
    """Return how many products must share a file, 0 for never."""
    return environment.integer("LOOKALIKE_PLACEHOLDER_PRODUCTS", 20, 0, 10**9)


def mark_placeholders(
    catalogue: Catalogue,
    least: int,
    stop: Callable[[], bool],
    image_ids: Sequence[str] | None = None,
) -> int:
    """Recognise placeholders and take them out of matching; return how many products changed.

    Looks at all files, or at those with `image_ids`. Reads what is searchable. Can be broken off at
    any moment and repeated.
    """
    if not least:
        return 0
    changed = 0
    for shared in find_shared_pictures(catalogue, min(least, FEWEST_NAMED), image_ids):
        if is_placeholder(shared, least):
            for key in products_showing(catalogue, shared.image_id):
                if stop():
                    return changed
                changed += _mark(catalogue, key, shared.image_id)
    if changed:
        catalogue.refresh()
    return changed


def placeholder_line(products: int) -> str:
    """Return the line that says how many products were found to show a placeholder."""
    return f"{products:,} products show a placeholder, which matches nothing"


def is_placeholder(shared: SharedPicture, least: int) -> bool:
    """Say whether a file that several products share stands for no picture."""
    if shared.is_marked:
        return True
    if shared.products >= FEWEST_NAMED and any(map(has_placeholder_name, shared.addresses)):
        return True
    if shared.products < least:
        return False
    categories = {fold(category) for category in shared.categories}
    brands = {fold(brand) for brand in shared.brands}
    return len(categories or brands) >= KINDS


def has_placeholder_name(address: str) -> bool:
    """Say whether a picture's file is called as shops call the one for no picture."""
    try:
        name = unquote(urlsplit(address).path).rpartition("/")[2].lower()
    except ValueError:
        return False
    return NAME.search(name) is not None


def without_values(picture: Mapping[str, Json]) -> dict[str, Json]:
    """Return a picture's document as a placeholder: shown, and matched by nothing."""
    shown = ("image_id", "url", "width", "height", "added_at")
    return {name: picture[name] for name in shown if name in picture} | {"source": PLACEHOLDER}


def _mark(catalogue: Catalogue, key: str, image_id: str) -> bool:
    """Change one product over the state that was read; return whether it is changed."""
    for _ in range(ATTEMPTS):
        stored = catalogue.current(key)
        if stored is None:
            return False
        pictures = _marked(stored.source.get(PICTURES, []), image_id)
        if pictures == stored.source.get(PICTURES, []):
            return False
        if catalogue.replace({**stored.source, PICTURES: pictures}, stored):
            return True
    # Whoever changes it all the time: the next run meets it again.
    return False


def _marked(pictures: Sequence[Json], image_id: str) -> list[Json]:
    marked: list[Json] = []
    for picture in pictures:
        if picture["image_id"] != image_id:
            marked.append(picture)
        elif picture.get("source") in ("catalogue", PLACEHOLDER):
            marked.append(without_values(picture))
    return marked
