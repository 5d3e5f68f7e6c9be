"""Pictures that come with a change, and those that its links lead to.

A picture that was sent has the address ``upload:`` and the SHA-256 of its bytes: sent again, it is
the same picture of the same product.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote_to_bytes

from features.base import Json
from features.fetching.errors import AddressRefused, FetchFailed
from features.fetching.web import WebClient
from features.imaging.errors import ImageTooLarge
from indexer.feeds.columns import normalise_name
from indexer.feeds.picture_links import ADDRESS_NAMES
from mappings.catalogue.fields import INPUT_COLUMNS, PRODUCT_FIELDS

SCHEME = "upload:"
DATA_URL = re.compile(r"data:(?P<type>[^,;]*)(?P<parameters>(?:;[^,;]*)*),", re.IGNORECASE)

PICTURE_COLUMNS = frozenset(
    (*PRODUCT_FIELDS["image_link"].columns, *INPUT_COLUMNS["additional_image_link"])
)


def is_picture_column(name: str) -> bool:
    """Say whether a column holds pictures."""
    return normalise_name(name) in PICTURE_COLUMNS


class PictureUploads:
    """The bytes that came with one request, by their address."""

    def __init__(self) -> None:
        self._data: dict[str, bytes] = {}

    def add(self, data: bytes) -> str:
        """Take a picture; return its address."""
        address = SCHEME + hashlib.sha256(data).hexdigest()
        self._data[address] = data
        return address

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._data.values())

    def get(self, address: str) -> bytes | None:
        """Return a picture's bytes; None for an address that is none of these."""
        return self._data.get(address)

    def take_from(self, cells: Mapping[str, Json]) -> dict[str, Json]:
        """Return the cells with an address in place of every ``data:`` URL.

        Raises AddressRefused for one that cannot be read.
        """
        return {
            name: self._taken(cell) if is_picture_column(name) else cell
            for name, cell in cells.items()
        }

    def _taken(self, cell: Json) -> Json:
        if isinstance(cell, list):
            return [self._taken(item) for item in cell]
        if isinstance(cell, dict):
            return {
                name: self._taken(value) if name in ADDRESS_NAMES else value
                for name, value in cell.items()
            }
        if isinstance(cell, str) and cell[:5].lower() == "data:":
            return self.add(_decoded(cell))
        return cell


class LiveFetcher:
    """Gets the pictures of a request: those sent along, and links to the web. Thread-safe.

    Unlike a feed on this machine's disk, a program may not name files of this machine.
    """

    def __init__(self, web: WebClient, max_bytes: int, uploads: PictureUploads) -> None:
        self._web = web
        self._max_bytes = max_bytes
        self._uploads = uploads

    def fetch(self, address: str) -> bytes:
        """Return a picture's bytes; raises AddressRefused, FetchFailed or ImageTooLarge."""
        data = self._uploads.get(address)
        if data is not None:
            if len(data) > self._max_bytes:
                raise ImageTooLarge(f"the file has more than {self._max_bytes / 1e6:g} MB")
            return data
        if address.startswith(SCHEME):
            raise FetchFailed("this picture did not come with the request: send it again")
        if not address.lower().startswith(("http://", "https://")):
            raise AddressRefused(
                "a picture is a link (http, https), a data: URL or a file of the form"
            )
        return self._web.get(address)

    def label(self, address: str) -> str:
        """Return the address: it names nothing of this machine."""
        return address


def _decoded(url: str) -> bytes:
    found = DATA_URL.match(url)
    if found is None:
        raise AddressRefused("a data: URL is written data:image/jpeg;base64,…")
    body = url[found.end() :]
    if ";base64" not in found["parameters"].lower():
        return unquote_to_bytes(body)
    try:
        return base64.b64decode(re.sub(r"\s", "", body), validate=True)
    except (binascii.Error, ValueError) as error:
        raise AddressRefused("the data: URL is not valid base64") from error
