"""What a page calls a product's fields and how it writes their values."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from app.pages.figures import moment
from app.pages.language import Language
from features.base import Json
from mappings.catalogue.fields import PRODUCT_FIELDS, ProductField, ProductFields
from mappings.catalogue.products import ITEM_GROUP, PHOTO_GROUP
from mappings.catalogue.search_terms import COLOUR
from mappings.catalogue.shop_fields import PICTURE_PREFIX
from mappings.words.lexicon import PATH_SEPARATOR


def field_label(name: str, language: Language, fields: ProductFields = PRODUCT_FIELDS) -> str:
    """Return the heading of a field or facet.

    It is our message, else the shop's own label, else the name made readable.
    """
    key = f"field.{name}"
    if language.has(key):
        return language.text(key)
    labels = fields[name].labels if name in fields else {}
    readable = name.replace("_", " ").capitalize()
    return labels.get(language.code) or next(iter(labels.values()), readable)


def value_label(name: str, value: str, language: Language, kind: str = "") -> str:
    """Return how a page writes one exact value of a field or facet."""
    if name in (PHOTO_GROUP, ITEM_GROUP):
        return language.text(f"chip.{name}")
    kind = PRODUCT_FIELDS[name].kind if name in PRODUCT_FIELDS else kind
    key = f"{name}.{value}"
    # A shop's field may bear the name of any message.
    is_own = name in PRODUCT_FIELDS or name == COLOUR or name.startswith(PICTURE_PREFIX)
    if is_own and language.has(key):
        return language.text(key)
    return value.replace(PATH_SEPARATOR, " › ") if kind == "path" else value


def field_values(
    source: Mapping[str, Json], entries: Iterable[ProductField], language: Language
) -> Iterable[tuple[str, str]]:
    """Yield the name and the written value of each of these fields that a product has."""
    for entry in entries:
        value = source.get(entry.name)
        if value not in (None, "", []) and (text := _write(entry, value, source, language)):
            yield entry.name, text


def _write(entry: ProductField, value: Json, source: Mapping[str, Json], language: Language) -> str:
    if entry.kind == "money":
        return language.price(value, source.get("currency"))
    if entry.kind == "period":
        # A span may be open at one side.
        first, last = (
            _moment(value[bound], language) if bound in value else "" for bound in ("gte", "lte")
        )
        return f"{first} – {last}".strip()
    if entry.kind in WRITERS:
        return WRITERS[entry.kind](value, language)
    if entry.kind == "path":
        # Every ancestor's path is stored; the longest is the value itself.
        value = max(value if isinstance(value, list) else [value], key=len)
    values = value if isinstance(value, list) else [value]
    return ", ".join(value_label(entry.name, str(v), language, entry.kind) for v in values)


def _moment(value: str, language: Language) -> str:
    at = datetime.fromisoformat(value)
    return moment(at if at.tzinfo else at.replace(tzinfo=UTC), language)


WRITERS: Mapping[str, Callable[[Json, Language], str]] = {
    "count": lambda value, language: language.number(value),
    "time": _moment,
}
