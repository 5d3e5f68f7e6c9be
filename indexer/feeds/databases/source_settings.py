"""What to read from a database: its address, and which table, query and columns.

All of it is in the address, or in a small TOML file:

    [source]
    address = "postgresql://reader:${SHOP_PASSWORD}@db.example/shop"
    query = "SELECT id, title, price, image_link, updated_at FROM products"
    watermark = "updated_at"

`${NAME}` is the environment variable NAME, so that no file and no command line holds a password.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from core.environment import Environment
from indexer.errors import FeedUnreadable
from indexer.feeds.source import Source

TABLE = "products"

VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)\}")

SECTION = "[source]"
"""How the part of a TOML file begins that names a database."""


@dataclass(frozen=True)
class SourceSettings:
    """A database and what to read from it.

    `query` replaces `table` (SQL), or filters the collection `table` (MongoDB, as JSON).
    `watermark` is the column that grows with every change, '' without one; `id` is the column of
    the product's id, '' for the usual names; `deleted` is a column that says a product is gone
    wherever it holds anything but null, 0 or false.
    """

    address: str = field(repr=False)
    table: str = TABLE
    query: str = ""
    watermark: str = ""
    id: str = ""
    deleted: str = ""

    @property
    def scheme(self) -> str:
        """The scheme of the address without a driver: postgresql for postgresql+psycopg."""
        return urlsplit(self.address).scheme.partition("+")[0]

    def without_secrets(self, text: str) -> str:
        """Return a message of a driver, shortened, without the address's user and password."""
        parts = urlsplit(self.address)
        for secret in (parts.password, parts.username):
            for form in {secret, unquote(secret or "")} - {None, ""}:
                text = text.replace(str(form), "***")
        return " ".join(text.split())[:300]


OPTIONS = tuple(option.name for option in fields(SourceSettings) if option.name != "address")


def address_of(source: Source) -> str:
    """Return the address that a source is or that its TOML file names, '' for neither."""
    if source.path is None:
        return source.address
    return str(_section(source).get("address", ""))


def read_settings(source: Source, environment: Environment) -> SourceSettings:
    """Return what a source says; raises FeedUnreadable where it cannot be understood."""
    if source.path is None:
        return _from_address(source.address, {}, environment)
    section = _section(source)
    unknown = set(section) - {"address", *OPTIONS}
    if unknown:
        known = ", ".join(("address", *OPTIONS))
        raise FeedUnreadable(
            f"{source.name}: {', '.join(sorted(unknown))} means nothing here; known: {known}"
        )
    options = {name: value for name, value in section.items() if isinstance(value, str)}
    if len(options) < len(section):
        raise FeedUnreadable(f"{source.name}: every value in {SECTION} is a text in quotes")
    return _from_address(options.pop("address"), options, environment)


def _section(source: Source) -> Mapping[str, object]:
    """Return the part `[source]` of a TOML file, {} where it is none."""
    if SECTION not in source.text:
        return {}
    try:
        section = tomllib.loads(source.text).get("source", {})
    except tomllib.TOMLDecodeError:
        return {}
    return section if isinstance(section, dict) and "address" in section else {}


def _from_address(
    address: str, options: Mapping[str, str], environment: Environment
) -> SourceSettings:
    """Take our options out of an address; what is left is for the driver."""
    # Not taken apart and put together again: sqlite:////shop.db would lose its slashes.
    plain, _, query = _filled(address, environment).partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    named = {name: value for name, value in pairs if name in OPTIONS}
    if further := urlencode([(name, value) for name, value in pairs if name not in OPTIONS]):
        plain += f"?{further}"
    return SourceSettings(plain, **{**named, **options})


def _filled(address: str, environment: Environment) -> str:
    """Return the address with every ${NAME} replaced, quoted as an address needs it."""

    def value(found: re.Match[str]) -> str:
        text = environment.secret(found[1])
        if not text:
            raise FeedUnreadable(f"the address names ${{{found[1]}}}, which is not set")
        return quote(text, safe="")

    return VARIABLE.sub(value, address)
