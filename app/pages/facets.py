"""The filters beside the results: values to select, filters in force, and how to remove them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor

from app.pages.address import Address
from app.pages.language import Language
from app.pages.product_fields import field_label, value_label
from app.search.search_parameters import SearchParameters
from features.base import Json
from features.registry import Registry
from mappings.catalogue.fields import PRODUCT_FIELDS, ProductFields
from mappings.catalogue.products import ITEM_GROUP, PHOTO_GROUP
from mappings.catalogue.search_terms import COLOUR, COLOUR_FEATURE, COLOURS
from mappings.catalogue.shop_fields import PICTURE_PREFIX
from mappings.search.filters import feature_facets
from mappings.words.lexicon import PATH_SEPARATOR

VALUES_IN_SIGHT = 8
"""Values listed before "more"."""


@dataclass(frozen=True)
class FacetValue:
    """One value of a facet. `depth` is the number of its listed parent categories."""

    value: str
    label: str
    count: int
    selected: bool
    depth: int = 0


@dataclass(frozen=True)
class Facet:
    """One facet's values, the most frequent first; `more` are those behind "more"."""

    name: str
    label: str
    choices: Sequence[FacetValue]
    more: Sequence[FacetValue]


@dataclass(frozen=True)
class PriceCurrency:
    """A currency that prices can be filtered in. `code` is "" for the shop's own."""

    code: str
    label: str
    selected: bool


@dataclass(frozen=True)
class PriceRange:
    """The lowest and highest price found, and the bounds of the filter, as a form shows them.

    `symbol` is that of their currency, "" where none is known; `currencies` are those to choose
    among, none where there is one only.
    """

    low: str
    high: str
    minimum: str
    maximum: str
    symbol: str
    currencies: Sequence[PriceCurrency] = ()


@dataclass(frozen=True)
class FilterChip:
    """One filter in force; `url` is the page without it."""

    label: str
    url: str


def facet_names(
    registry: Registry, fields: ProductFields, counts: Mapping[str, Mapping[str, int]]
) -> tuple[str, ...]:
    """Return the facets a results page asks for: those of which the index has values.

    `counts` are the index's values by facet, as `IndexStatistics` has them.
    """
    listed = (
        name
        for name in fields.facets
        if fields[name].is_on_results_page and (name not in counts or counts[name])
    )
    coloured = (COLOUR,) if counts.get(COLOURS, True) else ()
    # Shoppers mean the colour of the goods, not of all that stands in the picture.
    every = f"{PICTURE_PREFIX}{COLOUR_FEATURE}"
    return (*listed, *coloured, *(name for name in feature_facets(registry) if name != every))


def facets(
    counts_by_facet: Mapping[str, Json],
    parameters: SearchParameters,
    language: Language,
    fields: ProductFields = PRODUCT_FIELDS,
) -> Iterable[Facet]:
    """Yield the facets worth showing: not those with a single value that is not selected."""
    places = {name: place for place, name in enumerate(fields)}
    # Elasticsearch answers in an order of its own; what features see comes after the brand.
    for name in sorted(counts_by_facet, key=lambda name: places.get(name, places["brand"] + 0.5)):
        values = counts_by_facet[name]
        if not isinstance(values, list):
            continue
        kind = fields[name].kind if name in fields else ""
        selected = parameters.filter.get(name, [])
        counts = {str(entry["value"]): int(entry["count"]) for entry in values}
        counts |= {value: 0 for value in selected if value not in counts}
        choices = [
            FacetValue(value, value_label(name, value, language, kind), count, value in selected)
            for value, count in counts.items()
        ]
        if len(choices) > 1 or selected:
            heading = _heading(name, language, fields)
            listed = (
                _tree(choices)
                if kind == "path"
                else (choices[:VALUES_IN_SIGHT], choices[VALUES_IN_SIGHT:])
            )
            yield Facet(name, heading, *_selected_in_sight(*listed))


def _heading(name: str, language: Language, fields: ProductFields) -> str:
    """Return a facet's heading; the feed's colour words stand beside the basic colours."""
    key = f"facet.{name}"
    is_own = name in PRODUCT_FIELDS and language.has(key)
    return language.text(key) if is_own else field_label(name, language, fields)


def _selected_in_sight(
    near: Sequence[FacetValue], more: Sequence[FacetValue]
) -> tuple[list[FacetValue], list[FacetValue]]:
    selected = [choice for choice in more if choice.selected]
    return [*near, *selected], [choice for choice in more if not choice.selected]


def _tree(choices: Iterable[FacetValue]) -> tuple[list[FacetValue], list[FacetValue]]:
    """Return categories, each below its parent; of a large tree only the top level comes first."""
    by_path = {choice.value: choice for choice in choices}

    def place(path: str) -> tuple[tuple[int, str], ...]:
        parts = path.split(PATH_SEPARATOR)
        above = [PATH_SEPARATOR.join(parts[: depth + 1]) for depth in range(len(parts))]
        return tuple((-by_path[p].count if p in by_path else 0, p) for p in above)

    ordered = sorted(by_path.values(), key=lambda choice: place(choice.value))
    if len(ordered) <= VALUES_IN_SIGHT:
        return list(_indented(ordered)), []
    tops = [choice for choice in ordered if PATH_SEPARATOR not in choice.value][:VALUES_IN_SIGHT]
    return tops, list(_indented([choice for choice in ordered if choice not in tops]))


def _indented(choices: Iterable[FacetValue]) -> Iterable[FacetValue]:
    """Yield each category, named without its parents where its parent is listed too."""
    depths: dict[str, int] = {}
    for choice in choices:
        parent, _, name = choice.value.rpartition(PATH_SEPARATOR)
        depths[choice.value] = depth = depths[parent] + 1 if parent in depths else 0
        yield replace(choice, depth=depth, label=name if depth else choice.label)


def prices(
    counts_by_facet: Mapping[str, Json],
    parameters: SearchParameters,
    language: Language,
    shop_currency: str | None = None,
) -> PriceRange | None:
    """Return the price range, or None where no product found has a price.

    `shop_currency` is the one that prices are in where the search names no other.
    """
    ranges: Sequence[Json] = (counts_by_facet.get("price") or {}).get("ranges", ())
    bounds = (parameters.price_min, parameters.price_max)
    if not ranges and bounds == (None, None):
        return None
    currency = parameters.currency or shop_currency
    here = next((range_ for range_ in ranges if range_["currency"] == currency), None)
    minimum, maximum = ("" if bound is None else f"{bound:.10g}" for bound in bounds)
    return PriceRange(
        low=language.number(floor(here["min"])) if here else "",
        high=language.number(ceil(here["max"])) if here else "",
        minimum=minimum,
        maximum=maximum,
        symbol=language.currency_symbol(currency),
        currencies=_currencies(ranges, parameters.currency, language, shop_currency),
    )


def _currencies(
    ranges: Iterable[Json], asked: str | None, language: Language, shop_currency: str | None
) -> list[PriceCurrency]:
    """Return the currencies of what was found, the shop's first; none where there is one only."""
    found = [range_["currency"] for range_ in ranges if range_["currency"]]
    codes = [code for code in dict.fromkeys((shop_currency, asked, *found)) if code]
    if len(codes) < 2:
        return []
    return [
        PriceCurrency(
            "" if code == shop_currency else code,
            f"{code} {symbol}" if (symbol := language.currency_symbol(code)) != code else code,
            code == (asked or shop_currency),
        )
        for code in codes
    ]


def without_filters(address: Address) -> Address:
    """Return the address without the fields of the form of filters."""
    own = (
        name in ("price_min", "price_max", "currency")
        or (name == "filter" and not value.startswith((f"{PHOTO_GROUP}:", f"{ITEM_GROUP}:")))
        for name, value in address.fields
    )
    fields = zip(address.fields, own, strict=True)
    return Address(tuple(field for field, is_own in fields if not is_own))


def chips(
    parameters: SearchParameters,
    address: Address,
    language: Language,
    titles: Mapping[str, str],
    fields: ProductFields = PRODUCT_FIELDS,
    shop_currency: str | None = None,
) -> Iterable[FilterChip]:
    """Yield the filters in force and the negative examples; `titles` maps products to titles."""
    for key in parameters.unlike_product_id:
        text = language.text("chip.unlike", title=titles.get(key, key))
        yield FilterChip(text, address.without_field("unlike_product_id", key).url)
    if parameters.unlike_picture:
        yield FilterChip(language.text("chip.unlike_photo"), address.without("unlike_picture").url)
    for name, values in parameters.filter.items():
        kind = fields[name].kind if name in fields else ""
        for value in values:
            url = address.without_field("filter", f"{name}:{value}").url
            yield FilterChip(value_label(name, value, language, kind), url)
    for name, values in parameters.exclude.items():
        for value in values:
            url = address.without_field("exclude", f"{name}:{value}").url
            label = value_label(name, value, language, "")
            yield FilterChip(language.text("chip.exclude", label=label), url)
    for name in ("price_min", "price_max"):
        if (bound := getattr(parameters, name)) is not None:
            price = language.price(bound, parameters.currency or shop_currency)
            text = language.text(f"chip.{name}", price=price)
            yield FilterChip(text, address.without(name).url)
