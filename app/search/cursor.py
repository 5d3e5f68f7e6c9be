"""Opaque page cursors: which search a page belongs to, with which pictures, and its beginning."""

import base64
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import InvalidQuery
from features.base import Json
from mappings.search.collapsing import MAX_RESULT_WINDOW

MAX_CURSOR_CHARS = 4096
MAX_PAGE = 10**9


@dataclass(frozen=True)
class Cursor:
    """Where the next page begins: after the sort position `after`, or after `skip` hits.

    `digest` is `SearchRequest.digest` of the page before, `picture` and `unlike` are the ids of
    the cached pictures that the search goes on with, `model_tag` names the models that answered
    ('' for a search without pictures). Other lists leave these empty.
    """

    after: tuple[Json, ...] = ()
    digest: str = ""
    skip: int = 0
    picture: str | None = None
    unlike: str | None = None
    page: int = 2
    model_tag: str = ""

    def encode(self) -> str:
        """Return the cursor as URL-safe text."""
        parts = [
            self.after, self.digest, self.skip, self.picture, self.unlike, self.page,
            self.model_tag,
        ]  # fmt: skip
        plain = json.dumps(parts, separators=(",", ":"))
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    def check(self, digest: str, picture: str | None, unlike: str | None) -> None:
        """Raise InvalidQuery unless it belongs to this search and these cached pictures."""
        differs = picture not in (None, self.picture) or unlike not in (None, self.unlike)
        if differs or digest != self.digest:
            raise InvalidQuery(
                "the cursor belongs to another search, or the index was calibrated since; send "
                "the same parameters as for the page before, or begin again without it"
            )


def page_start(text: str | None) -> tuple[Json, ...]:
    """Return the sort values behind which a list's page begins, none for the first page.

    Raises InvalidQuery for text that `encode` never made.
    """
    return decode_cursor(text).after if text else ()


def next_page(hits: Sequence[Json], size: int) -> str | None:
    """Return the cursor of a list's next page; None on the last.

    `hits` were asked for with `size` + 1: only where that many came is there another page.
    """
    return Cursor(tuple(hits[size - 1]["sort"])).encode() if len(hits) > size else None


def decode_cursor(text: str) -> Cursor:
    """Return the cursor; raises InvalidQuery for text that `encode` never made."""
    try:
        if len(text) > MAX_CURSOR_CHARS:
            raise ValueError("too long")
        padded = text + "=" * (-len(text) % 4)
        after, digest, skip, picture, unlike, page, model_tag = json.loads(
            base64.urlsafe_b64decode(padded.encode("ascii"))
        )
        return Cursor(
            _position(after) if after else (),
            _text(digest),
            _number(skip, 0, MAX_RESULT_WINDOW),
            None if picture is None else _text(picture),
            None if unlike is None else _text(unlike),
            _number(page, 1, MAX_PAGE),
            _text(model_tag),
        )
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise InvalidQuery("the cursor is not one of ours; begin again without it") from error


def _number(value: Json, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value < high:
        raise ValueError("not a place in the hits")
    return value


def _text(value: Json) -> str:
    """Return a text that can be sent on; raises UnicodeEncodeError for half a character."""
    if not isinstance(value, str):
        raise TypeError("not a text")
    value.encode()
    return value


def _position(after: Json) -> tuple[Json, ...]:
    """Return a sort position: a finite score and an id."""
    score, key = after
    if isinstance(score, bool) or not isinstance(score, int | float) or not math.isfinite(score):
        raise TypeError("not a sort position")
    return (score, _text(key))
