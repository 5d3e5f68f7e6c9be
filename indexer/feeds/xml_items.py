"""Cuts an XML feed into its items and reads each on its own, in memory that does not grow.

The file as a whole is never parsed: its document type and what that declares are passed over, so no
entity is ever resolved, and a broken item costs itself alone. What exporters write by mistake is
mended and counted: HTML's entities, ampersands that stand alone, control characters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.entities import html5
from xml.parsers import expat

from indexer.feeds import lines
from indexer.feeds.rows import Rejection

ITEM_CHARACTERS = 2_000_000
"""A longer item is rejected, so that memory stays flat."""

DEPTH = 20
LONGEST_TAG = 40
"""Characters in which the beginning of a tag is recognised."""

SEPARATOR = " "
"""Stands between namespace and name: neither can hold a blank."""

_TAG = re.compile(r"<(?:(/?)(?:item|entry)(?=[\s>/])|!\[CDATA\[|!--)", re.IGNORECASE)
_NAMESPACE = re.compile(r"""\bxmlns(?::([\w.-]+))?\s*=\s*("[^"<]*"|'[^'<]*')""")
_CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.DOTALL)
_AMPERSAND = re.compile(r"&(#x[0-9a-fA-F]{1,6};|#[0-9]{1,7};|[A-Za-z][A-Za-z0-9]{0,31};)?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})

HEAD_CHARACTERS = 1 << 16
"""Namespaces are declared within the first of them."""


@dataclass
class Element:
    """An element without its attributes but `href`: namespace, name, text and children."""

    namespace: str
    name: str
    text: str = ""
    children: "list[Element]" = field(default_factory=list)


@dataclass(frozen=True)
class XmlItem:
    """One item and the line it begins in, from 1."""

    line: int
    root: Element


@dataclass
class Repairs:
    """How often something was mended."""

    entities: int = 0
    ampersands: int = 0
    controls: int = 0


class _BrokenItem(Exception):
    """An item cannot be read: the rule it breaks, and why."""

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule
        self.detail = detail


def read_items(
    pieces: Iterator[str], namespaces: dict[str, str], repairs: Repairs
) -> Iterator[XmlItem | Rejection]:
    """Yield the items of a feed, RSS's `item` or Atom's `entry`, in order.

    `namespaces` are those of prefixes that the feed declares nowhere. `repairs` counts what was
    mended.
    """
    head = None
    for line, text, detail in _Cutter().cut(pieces):
        if head is None:
            head = _declarations(text, namespaces)
            continue
        if detail:
            yield Rejection(line, "line", "xml", detail)
        elif lines.has_undecodable(text):
            yield Rejection(line, "line", "encoding", "some bytes are not in the file's encoding")
        else:
            try:
                yield XmlItem(line, _parse(head, _mend(text, repairs)))
            except _BrokenItem as broken:
                yield Rejection(line, "line", broken.rule, broken.detail)


class _Cutter:
    """Cuts a text that comes in pieces into its items.

    `_text` begins at the item that is open (`_is_open`) or behind the last one; its first character
    is in line `_line`. Everything before `_at` has been looked at.
    """

    def __init__(self) -> None:
        self._text = ""
        self._line = 1
        self._at = 0
        self._is_open = False
        self._is_head = True

    def cut(self, pieces: Iterator[str]) -> Iterator[tuple[int, str, str]]:
        """Yield the text before the first item, then of every item its line, text and fault."""
        for piece in pieces:
            self._text += piece
            while (found := self._next_tag()) is not None:
                if self._is_head:
                    yield 1, self._text[: found.start()][-HEAD_CHARACTERS:], ""
                    self._is_head = False
                yield from self._close(found) if found[1] else self._open(found)
            yield from self._forget()
        if self._is_open:
            yield self._line, "", "the file breaks off in the item"

    def _next_tag(self) -> re.Match[str] | None:
        """Return the next tag of an item, None before it is there as a whole."""
        while found := _TAG.search(self._text, self._at):
            if not found[0].startswith("<!"):
                if self._text.find(">", found.end()) < 0:
                    break
                return found
            mark = "]]>" if found[0].startswith("<![") else "-->"
            end = self._text.find(mark, found.end())
            # What is never closed swallows no further item.
            if end < 0 and len(self._text) - found.start() < ITEM_CHARACTERS:
                break
            self._at = end + len(mark) if end >= 0 else found.end()
        self._at = found.start() if found else max(self._at, len(self._text) - LONGEST_TAG)
        return None

    def _open(self, found: re.Match[str]) -> Iterator[tuple[int, str, str]]:
        if self._is_open:
            yield self._line, "", "the item is not closed: the next one begins in it"
        self._leave(found.start())
        self._is_open, self._at = True, len(found[0])

    def _close(self, found: re.Match[str]) -> Iterator[tuple[int, str, str]]:
        end = self._text.index(">", found.end()) + 1
        if self._is_open:
            yield self._line, self._text[:end], ""
        self._leave(end)
        self._is_open = False

    def _forget(self) -> Iterator[tuple[int, str, str]]:
        """Drop what is no part of an item, and an item that is too long."""
        if self._is_open and len(self._text) > ITEM_CHARACTERS:
            yield self._line, "", f"an item has at most {ITEM_CHARACTERS} characters"
            self._is_open = False
        if not self._is_open and not self._is_head:
            self._leave(self._at)
        elif self._is_head and self._at > 2 * HEAD_CHARACTERS:
            self._leave(self._at - HEAD_CHARACTERS)
            self._at = HEAD_CHARACTERS

    def _leave(self, place: int) -> None:
        self._line += self._text.count("\n", 0, place)
        self._text, self._at = self._text[place:], 0


def _declarations(head: str, namespaces: dict[str, str]) -> str:
    """Return the namespaces that a feed's own elements declare, as attributes."""
    # What stands in a document type declares nothing.
    body = re.sub(r"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", "", head, flags=re.DOTALL | re.IGNORECASE)
    declared = {f":{name}" if name else "": f'"{value}"' for name, value in namespaces.items()}
    for prefix, value in _NAMESPACE.findall(body):
        declared[f":{prefix}" if prefix else ""] = value
    return " ".join(f"xmlns{name}={value}" for name, value in declared.items())


def _mend(text: str, repairs: Repairs) -> str:
    text, number = _CONTROLS.subn("", text)
    repairs.controls += number
    if "&" not in text:
        return text
    pieces, at = [], 0
    for found in _CDATA.finditer(text):
        pieces += [_mend_entities(text[at : found.start()], repairs), found[0]]
        at = found.end()
    return "".join([*pieces, _mend_entities(text[at:], repairs)])


def _mend_entities(text: str, repairs: Repairs) -> str:
    def mended(found: re.Match[str]) -> str:
        name = (found[1] or "").rstrip(";")
        if not name:
            repairs.ampersands += 1
            return "&amp;"
        if name.startswith("#"):
            return _character(name, repairs)
        if name in _OWN:
            return found[0]
        if (character := html5.get(f"{name};")) is None:
            raise _BrokenItem("entity", f"the entity &{name}; is not resolved; write its text")
        repairs.entities += 1
        return "".join(f"&#{ord(part)};" for part in character)

    return _AMPERSAND.sub(mended, text)


def _character(name: str, repairs: Repairs) -> str:
    """Return a numbered character, nothing for one that XML does not have."""
    number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
    is_valid = number in (9, 10, 13) or 32 <= number <= 0x10FFFF
    if not is_valid or 0xD800 <= number <= 0xDFFF or number in (0xFFFE, 0xFFFF):
        repairs.controls += 1
        return ""
    return f"&#{number};"


def _parse(declarations: str, text: str) -> Element:
    """Return an item's element; raises _BrokenItem."""
    root = Element("", "")
    stack = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        if len(stack) > DEPTH:
            raise _BrokenItem("xml", "nested too deeply")
        namespace, _, local = name.rpartition(SEPARATOR)
        # Atom writes a link's address as an attribute.
        element = Element(namespace, local, attributes.get("href", ""))
        stack[-1].children.append(element)
        stack.append(element)

    def end(name: str) -> None:
        stack.pop()

    def characters(data: str) -> None:
        stack[-1].text += data

    parser = expat.ParserCreate(namespace_separator=SEPARATOR)
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    try:
        parser.Parse(f"<feed {declarations}>{text}</feed>", True)
    except expat.ExpatError as error:
        reason = expat.errors.messages.get(error.code, str(error))
        raise _BrokenItem("xml", f"not well-formed XML: {reason}") from error
    return root.children[0].children[0]
