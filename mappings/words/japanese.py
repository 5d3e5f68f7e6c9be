"""Cut Japanese into words and bring each to its normal form: イス, いす and 椅子 are one.

Words and forms come from SudachiPy with its core dictionary. Mode C gives the longest words, mode A
their parts; a word that no dictionary has is cut into pairs of characters, so that it is found
wherever it is written the same.
"""

import threading
from dataclasses import dataclass
from functools import cache, lru_cache

from sudachipy import Dictionary, SplitMode, Tokenizer

from mappings.words.folding import hiragana, is_japanese

SILENT = frozenset({"助詞", "助動詞", "補助記号", "記号", "空白", "接続詞", "感動詞"})
"""Parts of speech that say nothing about a product: particles, auxiliaries, punctuation."""

_local = threading.local()


@dataclass(frozen=True)
class JapaneseWord:
    """A word of a Japanese text.

    `surface` is what is written, from `start` to `end` of the text; `normal_form` is the
    dictionary's. `parts` are the normal forms of its shorter parts, `pairs` its overlapping pairs
    of characters where no dictionary has it; both may be empty. `reading` is how it is read, in
    hiragana. `is_silent` marks particles.
    """

    surface: str
    start: int
    end: int
    normal_form: str
    parts: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    reading: str = ""
    is_silent: bool = False


@lru_cache(maxsize=16_384)
def split(text: str) -> tuple[JapaneseWord, ...]:
    """Return the words of a folded text, in order."""
    tokenizer = _tokenizer()
    words = []
    for morpheme in tokenizer.tokenize(text, SplitMode.C):
        normal = morpheme.normalized_form()
        parts = tuple(part.normalized_form() for part in morpheme.split(SplitMode.A))
        surface = morpheme.surface()
        unknown = morpheme.is_oov() and not surface.isdigit() and len(surface) > 1
        words.append(
            JapaneseWord(
                surface=surface,
                start=morpheme.begin(),
                end=morpheme.end(),
                normal_form=normal,
                parts=parts if len(parts) > 1 else (),
                pairs=_pairs(surface) if unknown else (),
                reading=_reading(surface, morpheme.reading_form()),
                is_silent=morpheme.part_of_speech()[0] in SILENT,
            )
        )
    return tuple(words)


def _reading(surface: str, reading: str) -> str:
    """Return how a word is read; a Latin word or a number is read as it is written."""
    is_read = bool(reading) and any(is_japanese(character) for character in surface)
    return hiragana(reading if is_read else surface)


def _pairs(text: str) -> tuple[str, ...]:
    return tuple(text[at : at + 2] for at in range(len(text) - 1))


def _tokenizer() -> Tokenizer:
    """Return this thread's tokenizer: they share a dictionary, and none is safe to share."""
    if not hasattr(_local, "tokenizer"):
        _local.tokenizer = _dictionary().tokenizer()
    tokenizer: Tokenizer = _local.tokenizer
    return tokenizer


@cache
def _dictionary() -> Dictionary:
    return Dictionary(dict="core")
