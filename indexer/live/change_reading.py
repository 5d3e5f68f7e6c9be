"""Reads the cells of a change as a load reads those of a feed."""

from collections.abc import Mapping

from features.base import Json
from indexer.feeds.columns import is_empty, normalise_name
from indexer.feeds.number_format import NumberFormat
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Rejection, Row
from indexer.live.errors import ProductRefused
from indexer.live.uploaded_pictures import is_picture_column
from mappings.catalogue.fields import ProductFields

ANY_PICTURE = "upload:"
"""Stands for the pictures of a change that has none."""


def read_id(key: str, fields: ProductFields) -> str:
    """Return an id as it is stored; raises ProductRefused for one that no product can have."""
    return read_product(key, {"image_link": ANY_PICTURE}, fields).id


def read_product(
    key: str, cells: Mapping[str, Json], fields: ProductFields, currency: str = ""
) -> Product:
    """Return the product of a put; raises ProductRefused, naming the field and its rule.

    `currency` is that of prices that name none, "" where nobody said.
    """
    numbers = NumberFormat(currency=currency or None)
    product = parse_product(Row(1, _with_id(key, cells, fields)), fields, numbers)
    if isinstance(product, Rejection):
        raise ProductRefused(f"{product.field}: {product.detail} (rule {product.rule})")
    return product


def read_values(key: str, cells: Mapping[str, Json], fields: ProductFields) -> dict[str, Json]:
    """Return field → value of a patch; None for a field that is to be removed.

    A patch with one cell that cannot be read does nothing. Raises ProductRefused, also for a column
    that means nothing and for pictures.
    """
    cells = _with_id(key, cells, fields)
    for name in cells:
        if is_picture_column(name):
            raise ProductRefused(
                f"{name}: a patch touches no picture; send the whole product with PUT"
            )
        if normalise_name(name) not in fields.by_column:
            raise ProductRefused(f"{name[:80]!r} is no column of a product: see docs/FEEDS.md")
    product = parse_product(Row(1, {**cells, "image_link": ANY_PICTURE}), fields)
    if isinstance(product, Rejection):
        raise ProductRefused(f"{product.field}: {product.detail} (rule {product.rule})")
    if product.unreadable:
        cell = product.unreadable[0]
        raise ProductRefused(f"{cell.field}: {cell.detail} (rule {cell.rule}); nothing was changed")
    removed: dict[str, Json] = {
        field: None
        for name, cell in cells.items()
        if is_empty(cell)
        for field in fields.by_column[normalise_name(name)]
        if field in fields
    }
    values = {**removed, **{n: value for n, value in product.fields.items() if n != "id"}}
    values.pop("id", None)
    if not values:
        raise ProductRefused("a patch names at least one field to change, such as price or stock")
    return values


def lacks_currency(values: Mapping[str, Json], fields: ProductFields) -> bool:
    """Say whether a patch has an amount of money and says nothing of its currency."""
    amounts = (name for name, value in values.items() if value is not None and name in fields)
    return "currency" not in values and any(fields[name].kind == "money" for name in amounts)


def product_id(cells: Mapping[str, Json], fields: ProductFields) -> str:
    """Return the id that cells name, '' where they name none."""
    by_name = {normalise_name(name): cell for name, cell in cells.items()}
    for column in fields.columns["id"]:
        if not is_empty(by_name.get(column)):
            return str(by_name[column])
    return ""


def _with_id(key: str, cells: Mapping[str, Json], fields: ProductFields) -> dict[str, Json]:
    """Return the cells with the id in its first column; raises ProductRefused for another one."""
    first = fields.columns["id"][0]
    by_name = {normalise_name(name): cell for name, cell in cells.items()}
    named = by_name.get(first)
    if key and not is_empty(named) and str(named) != key:
        raise ProductRefused(
            f"id: the address says {key[:80]!r} and the product {str(named)[:80]!r}; use one id"
        )
    others = {name: cell for name, cell in cells.items() if normalise_name(name) != first}
    return {first: key or product_id(cells, fields), **others}
