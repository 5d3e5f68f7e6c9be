"""A shop's own product fields, from the file that LOOKALIKE_FIELDS names.

    [[field]]
    name = "care"
    kind = "keyword"
    columns = ["care", "care_label"]        # default: the name
    facet = true                            # default: false
    words = true                            # or a weight; default: false
    labels = { en = "Care", ja = "お手入れ" }  # default: the name made readable

A field of a kind with exact values, amounts or times filters. All are shown on the product page
and compared on the trust desk.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from core.environment import Environment
from core.errors import InvalidSetting
from core.setting import Setting
from features.base import Json
from mappings.catalogue.fields import (
    FACET_KINDS,
    FILTER_KINDS,
    MAPPINGS,
    PRODUCT_FIELDS,
    WORD_KINDS,
    ProductField,
    ProductFields,
)

SETTING = "LOOKALIKE_FIELDS"
SETTINGS = (
    Setting(
        SETTING,
        "",
        "TOML file of product fields of your own (docs/FEEDS.md); read by loads and the web server",
    ),
)

KEYS = ("name", "kind", "columns", "facet", "words", "labels")
KINDS = tuple(kind for kind in MAPPINGS if kind not in ("address", "identifier"))
RESERVED = frozenset(
    {"images", "pictures", "photo_group", "price_min", "price_max", "doc_count"}
    | {"variant_group", "card_group", "terms", "codes", "colours"}
    | {"added_at", "pixels", "text", "bank", "reason", "holder", "list", "policy"}
)
PICTURE_PREFIX = "picture_"
"""Filters and facets that begin with it are what a feature sees in the pictures."""

NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]*")
MAX_NAME_CHARS = 64
MAX_WORDS = 10.0


def load_fields(environment: Environment) -> ProductFields:
    """Return our fields and the shop's; raises InvalidSetting naming the field and the cure."""
    path = environment.text(SETTING)
    if not path:
        return PRODUCT_FIELDS
    try:
        given = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidSetting(f"{SETTING}={path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSetting(f"{SETTING}={path} is not TOML: {error}") from error
    return parse_fields(given)


def parse_fields(content: Mapping[str, Json]) -> ProductFields:
    """Return our fields and those of a file's content; raises InvalidSetting."""
    entries = content.get("field", [])
    if set(content) - {"field"} or not isinstance(entries, list):
        raise InvalidSetting(f"{SETTING}: write each field as a table of its own, [[field]]")
    fields: dict[str, ProductField] = {}
    taken = {column: name for name, columns in PRODUCT_FIELDS.columns.items() for column in columns}
    for entry in entries:
        added = _field(entry)
        if added.name in fields:
            raise _invalid(added.name, "is there twice: remove one entry")
        for column in added.columns:
            if column in taken:
                raise _invalid(
                    added.name,
                    f"the column {column!r} already fills {taken[column]}: name another column",
                )
            taken[column] = added.name
        fields[added.name] = added
    return PRODUCT_FIELDS.with_fields(fields.values())


def _field(entry: Json) -> ProductField:
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str):
        raise InvalidSetting(f"{SETTING}: every [[field]] needs a name")
    _check_name(name)
    if unknown := sorted(set(entry) - set(KEYS)):
        raise _invalid(name, f"unknown key {unknown[0]!r}; known: {', '.join(KEYS)}")
    kind = entry.get("kind")
    if kind not in KINDS:
        raise _invalid(name, f"unknown kind {kind!r}; known: {', '.join(KINDS)}")
    is_facet = entry.get("facet", False)
    if not isinstance(is_facet, bool):
        raise _invalid(name, "facet is true or false")
    if is_facet and kind not in FACET_KINDS:
        raise _invalid(name, f"a {kind} has no values to count: remove facet, or use a keyword")
    return ProductField(
        name=name,
        kind=kind,
        columns=_columns(name, entry.get("columns", [name])),
        is_filter=kind in FILTER_KINDS,
        is_facet=is_facet,
        words=_words(name, kind, entry.get("words", False)),
        is_on_product_page=True,
        is_on_desk=True,
        from_attributes=True,
        labels=_labels(name, entry.get("labels", {})),
    )


def _check_name(name: str) -> None:
    if not NAME_PATTERN.fullmatch(name) or len(name) > MAX_NAME_CHARS:
        raise _invalid(
            name,
            f"a name is up to {MAX_NAME_CHARS} lower-case letters, digits and _, a letter first",
        )
    if name in PRODUCT_FIELDS.columns or name in RESERVED or name.startswith(PICTURE_PREFIX):
        raise _invalid(name, "clashes with a field of ours: give it another name, such as "
                       f"shop_{name}")  # fmt: skip


def _columns(name: str, given: Json) -> tuple[str, ...]:
    if not isinstance(given, list) or not given or not all(isinstance(c, str) for c in given):
        raise _invalid(name, "columns is a list of the feed's names for it")
    return tuple(
        dict.fromkeys(column.strip().casefold().replace("-", "_").replace(" ", "_")
                      for column in given)
    )  # fmt: skip


def _words(name: str, kind: str, given: Json) -> float:
    is_number = isinstance(given, (int, float)) and 0 <= given <= MAX_WORDS
    if not is_number:
        raise _invalid(name, f"words is true, false or a weight from 0 to {MAX_WORDS:g}")
    if given and kind not in WORD_KINDS:
        raise _invalid(name, f"a {kind} has no words to search: remove words")
    return float(given)


def _labels(name: str, given: Json) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(text, str) for text in given.values()):
        raise _invalid(name, 'labels is a table of texts by language, { en = "…", ja = "…" }')
    return dict(given)


def _invalid(name: str, detail: str) -> InvalidSetting:
    return InvalidSetting(f"{SETTING}: field {name[:MAX_NAME_CHARS]!r}: {detail}")
