"""Product numbers as people type them: with, without or with other hyphens, dots and spaces."""

from mappings.words.folding import fold

SHORTEST_PREFIX = 4
"""Characters from which the beginning of a number finds it."""

LONGEST = 64


def code_key(text: str) -> str:
    """Return the letters and digits of a product number alone: NOR.0707-60 becomes nor070760."""
    return "".join(character for character in fold(text) if character.isalnum())[:LONGEST]


def asked_codes(text: str) -> tuple[str, ...]:
    """Return the keys that a query may mean as product numbers, the longest first.

    The whole text and each of its parts between spaces, where at least SHORTEST_PREFIX characters
    remain. A part of several counts only with a digit in it; the whole text counts with one, or
    when it is a single word (a number may be all letters).
    """
    parts = fold(text).split()
    whole = code_key(text)
    keys = [whole] if len(parts) == 1 or any(c.isdigit() for c in whole) else []
    if len(parts) > 1:
        keys += [code_key(part) for part in parts if any(c.isdigit() for c in part)]
    return tuple(dict.fromkeys(key for key in keys if len(key) >= SHORTEST_PREFIX))
