"""Fold text so that spellings that mean the same compare equal: case, width, accents, controls."""

import re
import unicodedata

SPACE = re.compile(r"\s+")

APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'"})
HIRAGANA = {katakana: katakana - 0x60 for katakana in range(0x30A1, 0x30F7)}
HYPHENS = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))


def fold(text: str) -> str:
    """Return text in NFKC and lower case, without accents, controls and doubled spaces.

    Accents go from Latin, Greek and Cyrillic letters alone: が and か are two letters. `ß` becomes
    `ss`, full-width letters and half-width kana become the usual ones, `½` becomes ` 1/2`.
    """
    if text.isascii() and text.isprintable():
        # Most product texts; nothing else of what follows concerns them.
        return SPACE.sub(" ", text.translate(APOSTROPHES).lower()).strip()
    spaced = re.sub(r"(?<=\d)(?=[¼½¾⅓⅔⅛])", " ", text)
    straight = spaced.translate(APOSTROPHES).translate(HYPHENS)
    compatible = unicodedata.normalize("NFKC", straight).casefold().replace("⁄", "/")
    plain = "".join(_without_accent(character) for character in compatible)
    printable = "".join(
        " " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character
        for character in plain
        if unicodedata.category(character) not in ("Cf", "Cs", "Co", "Cn")
    )
    return SPACE.sub(" ", printable).strip()


def hiragana(text: str) -> str:
    """Return text with every katakana letter as the hiragana of the same sound; lengths agree."""
    return text.translate(HIRAGANA)


def is_japanese(character: str) -> bool:
    """Say whether a character is kana, a kanji, or one of the marks written among them."""
    return (
        "\u3041" <= character <= "\u30ff"
        or "\u3400" <= character <= "\u9fff"
        or "\uf900" <= character <= "\ufaff"
        or character in "々〆〇"
    )


def _without_accent(character: str) -> str:
    if character < "\u00c0" or is_japanese(character):
        return character
    base, *marks = list(unicodedata.normalize("NFD", character))
    # The marks of Greek, Cyrillic and Latin letters; those of Devanagari and others are vowels.
    if marks and all("\u0300" <= mark <= "\u036f" for mark in marks):
        return base
    return character
