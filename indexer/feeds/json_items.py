"""Reads the objects of a JSON array one after the other, whatever the size of the file.

A broken object costs itself alone: reading goes on with the next one that looks like the others.
"""

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from features.base import Json
from indexer.feeds import lines
from indexer.feeds.columns import normalise_name
from indexer.feeds.lines import CHUNK_CHARACTERS, LINE_CHARACTERS
from indexer.feeds.rows import Rejection
from mappings.catalogue.fields import PRODUCT_FIELDS

LIST_NAMES = ("products", "items", "data", "results", "entries", "feed", "offers", "@graph")
"""Names under which a document holds its products."""

_LIST = re.compile(rf'"(?:{"|".join(map(re.escape, LIST_NAMES))})"\s*:\s*\[')
_BETWEEN = re.compile(r"[\s,\ufeff]*")
_NEXT = re.compile(r"[\n,\]}]\s*(?=\{)")
_MARGIN = 16
"""Characters before the end of the text where an error may be due to what has not been read."""

ID_NAMES = frozenset({*PRODUCT_FIELDS["id"].columns, "@id", "productid"})

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
        self._indent: str | None = None
        self._names: frozenset[str] = frozenset()

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
        self._skip_separators()
        if not self._text or self._text.startswith("]"):
            return None
        line = self._line
        try:
            value, end = self._decoded()
        except (ValueError, RecursionError) as error:
            return self._rejected(line, error)
        text = self._text[:end]
        self._advance(end)
        if fault := _fault(value, text):
            return Rejection(line, "line", *fault)
        self._names = frozenset(value)
        return JsonItem(line, value)

    def _skip_separators(self) -> None:
        """Move on to where something stands, and note how it is indented."""
        while True:
            between = _BETWEEN.match(self._text, self._at)
            if between is not None and between[0]:
                _, newline, indent = between[0].rpartition("\n")
                self._indent = indent if newline else None
                self._advance(between.end())
            if self._text or not self._fill(1):
                return

    def _rejected(self, line: int, error: ValueError | RecursionError) -> Rejection:
        """Return why there is no object, and move on to the next one."""
        place = error.pos if isinstance(error, json.JSONDecodeError) else 1
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        if isinstance(error, json.JSONDecodeError):
            is_cut = self._is_whole and place + _MARGIN >= len(self._text)
            reason = "the file breaks off in it" if is_cut else error.msg
        self._recover(place)
        return Rejection(line, "line", "json", f"not a JSON object: {reason[:200]}")

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
        """Move on to the next object of the array."""
        while True:
            self._fill(place + LINE_CHARACTERS)
            for found in _NEXT.finditer(self._text, max(place - 1, 1)):
                if self._begins_object(found):
                    self._advance(found.end())
                    return
            if self._is_whole:
                self._advance(len(self._text))
                return
            self._advance(len(self._text) - CHUNK_CHARACTERS)
            place = 1

    def _begins_object(self, found: re.Match[str]) -> bool:
        """Say whether an object of the array begins behind a place, and not one inside another.

        Where objects begin a line, the next one is indented like the last; elsewhere it must be
        whole, and have names in common with the last.
        """
        _, newline, indent = found[0].rpartition("\n")
        if self._indent is not None:
            return bool(newline) and indent == self._indent
        try:
            value, _ = DECODER.raw_decode(self._text, found.end())
        except (ValueError, RecursionError):
            return False
        return isinstance(value, dict) and self._is_alike(value.keys())

    def _is_alike(self, names: Collection[str]) -> bool:
        """Say whether these may be the names in an object of the array, not of one inside it."""
        if not self._names:
            return any(normalise_name(name) in ID_NAMES for name in names)
        return 2 * len(self._names.intersection(names)) >= max(len(self._names), len(names))


def _fault(value: Json, text: str) -> tuple[str, str] | None:
    """Return the rule that a decoded value breaks, and why; None for a good one."""
    if len(text) > LINE_CHARACTERS:
        return "line_too_long", f"an object has at most {LINE_CHARACTERS} characters"
    if lines.has_undecodable(text):
        return "encoding", "some bytes are not in the file's encoding"
    if not isinstance(value, dict):
        return "json", f"a JSON {type(value).__name__}, not an object"
    return None
