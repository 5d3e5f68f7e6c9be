"""Opaque page cursors: of which question, with which pictures, and where the next page begins."""

import base64
import binascii
import json
from dataclasses import dataclass

from core.errors import InvalidQuery
from features.base import Json
from mappings.search.request_body import MAX_RESULT_WINDOW

MAX_CURSOR_CHARS = 4096


@dataclass(frozen=True)
class Cursor:
    """Where a next page begins: after the sort position `after`, or after `skip` hits.

    `question` is `SearchRequest.question` of the page before, `picture` and `unlike` are the ids of
    the remembered pictures a search goes on with, `model` tags the models that answered ('' where
    none was asked); other lists need none of them.
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

    def check(self, question: str, picture: str | None, unlike: str | None) -> None:
        """Raise InvalidQuery unless it belongs to this question and these remembered pictures."""
        others = picture not in (None, self.picture) or unlike not in (None, self.unlike)
        if others or question != self.digest:
            raise InvalidQuery(
                "the cursor belongs to another search, or the index was calibrated since; send "
                "the same parameters as for the page before, or begin again without it"
            )


def decode_cursor(text: str) -> Cursor:
    """Return the cursor; raises InvalidQuery for text that `encode` never made."""
    try:
        if len(text) > MAX_CURSOR_CHARS:
            raise ValueError("too long")
        padded = text + "=" * (-len(text) % 4)
        after, question, skip, picture, unlike, page, model = json.loads(
            base64.urlsafe_b64decode(padded.encode("ascii"))
        )
        return Cursor(
            _position(after) if after else (),
            str(question),
            _count(skip),
            None if picture is None else str(picture),
            None if unlike is None else str(unlike),
            int(page),
            str(model),
        )
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
        raise InvalidQuery("the cursor is not one of ours; begin again without it") from error


def _count(skip: Json) -> int:
    if not 0 <= int(skip) < MAX_RESULT_WINDOW:
        raise ValueError("not a place in the hits")
    return int(skip)


def _position(after: Json) -> tuple[Json, ...]:
    score, key = after
    if isinstance(score, bool) or not isinstance(score, int | float) or not isinstance(key, str):
        raise TypeError("not a sort position")
    return (score, key)
