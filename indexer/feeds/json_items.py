"""Reads the objects of a JSON array one after the other, whatever the size of the file.

A broken object costs itself alone: reading goes on with the next one that looks like the others.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from features.base import Json
from indexer.feeds import lines
from indexer.feeds.lines import LINE_CHARACTERS
from indexer.feeds.rows import Rejection

LIST_NAMES = ("products", "items", "data", "results", "entries", "feed", "offers", "@graph")
"""Names under which a document holds its products."""

_LIST = re.compile(rf'"(?:{"|".join(map(re.escape, LIST_NAMES))})"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,\ufeff]*")
_NEXT = re.compile(r"[\n,\]}]\s*(?=\{)")
_MARGIN = 16
"""Characters before the end of the text where an error may be due to what has not been read."""

LIST_WITHIN = 10_000
"""Characters of a document within which its list of products begins."""


@dataclass(frozen=True)
class JsonItem:
    """One object and the line it begins in, from 1."""

    line: int
    value: dict[str, Json]


def refuse_constant(constant: str) -> Json:
    """Raise ValueError for NaN and Infinity, which JSON does not have."""
    raise ValueError(f"{constant} is not a JSON value")


DECODER = json.JSONDecoder(parse_constant=refuse_constant)


def read_items(pieces: Iterator[str]) -> Iterator[JsonItem | Rejection]:
    """Yield the objects of the array in a text, or its one object where there is no array."""
    return _Items(pieces).read()


def shape(text: str) -> str:
    """Return what the beginning of a JSON text is: lines, array or document; '' where none."""
    start = text.lstrip()
    if start.startswith("["):
        return "array"
    if not start.startswith("{"):
        return ""
    (first, *more) = [line for line in start.split("\n") if line.strip()][:2]
    has_list = _LIST.search(first[:LIST_WITHIN]) is not None
    if not more:
        return "document" if has_list else "lines"
    if more[0].startswith("{") and len(first.strip()) > 1:
        return "lines"
    # A broken first line is no document yet; one that is whole is a product.
    is_whole = first.rstrip().endswith("}")
    return (
        "lines" if is_whole or (more[0].lstrip().startswith("{") and not has_list) else "document"
    )


class _Items:
    def __init__(self, pieces: Iterator[str]) -> None:
        self._pieces = pieces
        self._text = ""
        self._at = 0
        self._line = 1
        self._is_whole = False
        self._names: set[str] = set()

    def read(self) -> Iterator[JsonItem | Rejection]:
        self._fill(LIST_WITHIN)
        if not self._enter():
            found = self._item()
            if found is not None:
                yield found
            return
        while (found := self._item()) is not None:
            yield found

    def _fill(self, wanted: int) -> bool:
        """Read on until so many characters are there; say whether any came."""
        before = len(self._text)
        while not self._is_whole and len(self._text) - self._at < wanted:
            piece = next(self._pieces, None)
            if piece is None:
                self._is_whole = True
            else:
                self._text += piece
        return len(self._text) > before

    def _advance(self, place: int) -> None:
        """Leave everything before a place behind."""
        self._line += self._text.count("\n", self._at, place)
        self._text, self._at = self._text[place:], 0

    def _enter(self) -> bool:
        """Step into the array; False where there is none."""
        start = _BETWEEN.match(self._text)
        place = start.end() if start else 0
        if self._text.startswith("[", place):
            self._advance(place + 1)
            return True
        found = _LIST.search(self._text, place, place + LIST_WITHIN)
        if found is None:
            self._advance(place)
            return False
        self._advance(found.end())
        return True

    def _item(self) -> JsonItem | Rejection | None:
        """Return the next object or why there is none; None at the end of the array."""
        while True:
            between = _BETWEEN.match(self._text, self._at)
            self._advance(between.end() if between else self._at)
            if self._text or not self._fill(1):
                break
        if not self._text:
            return None
        if self._text.startswith("]"):
            return None
        line = self._line
        try:
            value, end = self._decoded()
        except (ValueError, RecursionError) as error:
            place = error.pos if isinstance(error, json.JSONDecodeError) else 1
            reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            if isinstance(error, json.JSONDecodeError):
                is_cut = self._is_whole and place + _MARGIN >= len(self._text)
                reason = "the file breaks off in it" if is_cut else error.msg
            self._recover(place)
            return Rejection(line, "line", "json", f"not a JSON object: {reason[:200]}")
        text = self._text[:end]
        self._advance(end)
        if lines.has_undecodable(text):
            return Rejection(line, "line", "encoding", "some bytes are not in the file's encoding")
        if not isinstance(value, dict):
            detail = f"a JSON {type(value).__name__}, not an object"
            return Rejection(line, "line", "json", detail)
        self._names |= value.keys()
        return JsonItem(line, value)

    def _decoded(self) -> tuple[Json, int]:
        """Decode the text's beginning, reading on where that may help; raises ValueError."""
        while True:
            try:
                return DECODER.raw_decode(self._text)
            except json.JSONDecodeError as error:
                is_near_end = error.pos + _MARGIN >= len(self._text)
                if not (is_near_end or error.msg.startswith("Unterminated")):
                    raise
                if len(self._text) > LINE_CHARACTERS or not self._fill(2 * len(self._text) + 1):
                    raise

    def _recover(self, place: int) -> None:
        """Move on to the next object that has names in common with those before."""
        self._fill(place + LINE_CHARACTERS)
        for found in _NEXT.finditer(self._text, max(place - 1, 1)):
            try:
                value, _ = DECODER.raw_decode(self._text, found.end())
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict) and (
                not self._names or 2 * len(self._names & value.keys()) >= len(value)
            ):
                self._advance(found.end())
                return
        self._advance(len(self._text))
