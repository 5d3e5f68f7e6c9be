"""Cut Japanese into words and bring each to its normal form: イス, いす and 椅子 are one.

Words and forms come from SudachiPy with its core dictionary. Mode C gives the longest words, mode A
their parts; a word that no dictionary has is cut into pairs of characters, so that it is found
wherever it is written the same.
"""

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby

from sudachipy import Dictionary, Morpheme, SplitMode, Tokenizer

from mappings.words.folding import hiragana, is_japanese

SILENT = frozenset({"助詞", "助動詞", "補助記号", "記号", "空白", "接続詞", "感動詞", "接頭辞"})
"""Parts of speech that say nothing about a product: particles, auxiliaries, punctuation, the polite
prefix of お皿."""

NAMING = frozenset({"名詞", "代名詞", "形状詞", "形容詞"})
"""Parts of speech that name a thing or what it is like."""

KANA = re.compile(r"[ぁ-ゖァ-ヺー]+")

PARTICLES = frozenset(
    {"からの", "からは", "だけの", "では", "でも", "での", "とは", "との", "などの", "には", "にも",
     "のみの", "への", "ほどの", "までの", "よりも"}
)  # fmt: skip
"""Particles in a row; any others may be a word that the dictionary lacks."""

LONGEST_UNKNOWN = 6
"""Characters of a kana word that the dictionary lacks and cuts into particles and verbs."""

_local = threading.local()


@dataclass(frozen=True)
class JapaneseWord:
    """A word of a Japanese text.

    `surface` is what is written, from `start` to `end` of the text; `normal_form` is the
    dictionary's. `parts` are the normal forms of its shorter parts, `pairs` its overlapping pairs
    of characters where no dictionary has it; both may be empty. `reading` is how it is spoken, in
    hiragana. `is_name` says that it names something, `is_silent` marks particles.
    """

    surface: str
    start: int
    end: int
    normal_form: str
    parts: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
    reading: str = ""
    is_silent: bool = False
    is_name: bool = True

    @property
    def is_kana(self) -> bool:
        """Whether it is written as it is spoken."""
        return is_kana(self.surface)


@lru_cache(maxsize=16_384)
def split(text: str) -> tuple[JapaneseWord, ...]:
    """Return the words of a folded text, in order."""
    words: list[JapaneseWord] = []
    morphemes = _tokenizer().tokenize(text, SplitMode.C)
    for is_suspect, run in groupby(morphemes, key=_names_nothing):
        group = list(run)
        if is_suspect:
            # Particles in front of a verb are particles; nothing but particles may be a word.
            lead = next((n for n, m in enumerate(group) if not _is_silent(m)), 0)
            words.extend(map(_word, group[:lead]))
            words.extend(_one_word(group[lead:]))
        else:
            words.extend(map(_word, group))
    return tuple(words)


def is_kana(text: str) -> bool:
    """Return whether a text is kana alone."""
    return KANA.fullmatch(text) is not None


def _word(morpheme: Morpheme) -> JapaneseWord:
    parts = tuple(part.normalized_form() for part in morpheme.split(SplitMode.A))
    surface = morpheme.surface()
    unknown = morpheme.is_oov() and not surface.isdigit() and len(surface) > 1
    return JapaneseWord(
        surface=surface,
        start=morpheme.begin(),
        end=morpheme.end(),
        normal_form=morpheme.normalized_form(),
        parts=parts if len(parts) > 1 else (),
        pairs=_pairs(surface) if unknown else (),
        reading=_reading(surface, morpheme.reading_form()),
        is_silent=_is_silent(morpheme),
        is_name=morpheme.part_of_speech()[0] in NAMING,
    )


def _reading(surface: str, reading: str) -> str:
    """Return how a word is read; a Latin word or a number is read as it is written."""
    is_read = bool(reading) and any(is_japanese(character) for character in surface)
    return hiragana(reading if is_read else surface)


def _one_word(group: Sequence[Morpheme]) -> list[JapaneseWord]:
    """Return kana that names nothing as one word: かさ is an umbrella, not two particles."""
    surface = "".join(morpheme.surface() for morpheme in group)
    if not 1 < len(group) <= len(surface) <= LONGEST_UNKNOWN:
        return [_word(morpheme) for morpheme in group]
    telling = tuple(m.normalized_form() for m in group if not _is_silent(m))
    return [
        JapaneseWord(
            surface=surface,
            start=group[0].begin(),
            end=group[-1].end(),
            normal_form=surface,
            parts=telling,
            reading=hiragana(surface),
            is_silent=surface in PARTICLES,
        )
    ]


def _is_silent(morpheme: Morpheme) -> bool:
    return morpheme.part_of_speech()[0] in SILENT


def _names_nothing(morpheme: Morpheme) -> bool:
    return is_kana(morpheme.surface()) and morpheme.part_of_speech()[0] not in NAMING


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
