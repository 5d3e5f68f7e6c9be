"""Finds the encoding of a text file from its bytes, once a file.

A byte order mark or zero bytes decide. Otherwise the parts that are not ASCII do: UTF-8 where most
of them are valid UTF-8, so that a damaged line costs itself alone; Shift_JIS or EUC-JP where they
read as Japanese; Windows-1252 where accented letters stand among plain ones. What is none of these
is left to `charset_normalizer`.
"""

import codecs
import re
import zlib
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

import charset_normalizer

from indexer.feeds.byte_stream import open_stream

SAMPLE_BYTES = 1 << 20
"""How much of what is not ASCII decides."""

CHUNK_BYTES = 1 << 20
DECLARATION_BYTES = 400

UTF_32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}

NAMES = {
    "ascii": "ASCII", "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16", "cp932": "Shift_JIS", "euc_jp": "EUC-JP", "cp1252": "Windows-1252",
}  # fmt: skip
"""Python's codecs by the names people know."""

_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_DECLARATION = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_JAPANESE = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]")
_KANA = re.compile("[\u3041-\u30fe]|[\uff66-\uff9f]{3,}")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")
_SIGNS = "€£¥©®™°²³½¼¾–—‘’“”„…•·«»×¡¿ºª´\xa0"
_LETTER_RUN = re.compile(r"[^\W\d_a-zA-Z]+")

LONGEST_ACCENT_RUN = 2.0
"""Letters in a row that are not ASCII: little over 1 in Western text, a whole word elsewhere."""


def encoding_name(codec: str) -> str:
    """Return what people call a codec: Shift_JIS for cp932."""
    return NAMES.get(codec, codec.replace("_", "-"))


def of_file(path: Path) -> str:
    """Return the codec of a text file, unpacked where it is compressed with gzip."""
    status = path.stat()
    return _of_file(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _of_file(path: Path, _changed_ns: int, _size: int) -> str:
    sample = b""
    # Damaged gzip is for the reader to name, with the line it breaks off at.
    with open_stream(path) as stream, suppress(OSError, EOFError, zlib.error):
        while len(sample) < SAMPLE_BYTES and (chunk := stream.read(CHUNK_BYTES)):
            if sample and chunk.isascii():
                continue
            # A first piece that is all ASCII says nothing but what its declaration names.
            sample = sample[:DECLARATION_BYTES] + chunk if sample.isascii() else sample + chunk
            if _marked(sample):
                break
    return of_bytes(sample)


def of_bytes(sample: bytes) -> str:
    """Return the codec of a text from its beginning, and from parts that are not ASCII."""
    if marked := _marked(sample):
        return marked
    runs = _BEYOND_ASCII.findall(sample)
    if not runs:
        return "ascii"
    # The last one may be cut off in the middle of a character.
    complete = runs[:-1] or runs
    valid = sum(1 for run in complete if _decodes(run, "utf-8"))
    return "utf-8" if valid == len(complete) else _of_mixed(sample, valid / len(complete))


def _of_mixed(sample: bytes, utf_8_share: float) -> str:
    """Return the codec of a text of which not all is UTF-8, as most of a damaged one would be."""
    japanese = next((codec for codec in ("euc_jp", "cp932") if _is_japanese(sample, codec)), None)
    has_kana = japanese and _KANA.search(sample.decode(japanese, "ignore"))
    if utf_8_share >= 0.5 and not has_kana:
        return "utf-8"
    if (declared := _declared(sample)) and _decodes_mostly(sample, declared):
        return declared
    if japanese:
        return japanese
    return "cp1252" if _is_western(sample) else _by_statistics(sample)


def _marked(sample: bytes) -> str | None:
    """Return the codec that a byte order mark or the zeros beside plain letters show."""
    for mark, codec in MARKS.items():
        if sample.startswith(mark) and not sample.startswith(UTF_32):
            return codec
    head = sample[:DECLARATION_BYTES]
    for start, codec in ((0, "utf-16-be"), (1, "utf-16-le")):
        # Plain letters have a zero byte on this side, and nothing has one on the other.
        has_zeros = head[start::2].count(0) >= 0.15 * len(head) / 2 and len(head) > 1
        if has_zeros and 0 not in head[1 - start :: 2] and _begins_with_text(head, start, codec):
            return codec
    return None


def _begins_with_text(head: bytes, zero_at: int, codec: str) -> bool:
    """Say whether UTF-16 without a mark begins with a plain letter, or is a table in Japanese."""
    if head[zero_at] == 0:
        return True
    text = head.decode(codec, "ignore")
    plain, japanese = sum(map(str.isascii, text)), len(_JAPANESE.findall(text))
    return plain >= 0.3 * len(text) and plain + japanese >= 0.95 * len(text) and "\n" in text


def _declared(sample: bytes) -> str | None:
    """Return the codec that an XML declaration names, None without one that we know."""
    found = _DECLARATION.match(sample.lstrip()[:DECLARATION_BYTES])
    try:
        codec = codecs.lookup(found[1].decode()).name if found else None
    except LookupError:
        return None
    # Windows writes more characters than the standards of these names have.
    return {"shift_jis": "cp932", "iso8859-1": "cp1252"}.get(codec or "", codec)


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _decodes_mostly(sample: bytes, codec: str) -> bool:
    return not codec.startswith("utf") and _share_undecodable(sample, codec) <= 0.02


def _share_undecodable(sample: bytes, codec: str) -> float:
    text = sample.decode(codec, "replace")
    return text.count("\ufffd") / max(len(text), 1)


def _is_japanese(sample: bytes, codec: str) -> bool:
    """Say whether a text is Japanese: nearly all of it decodes, and to what Japanese is made of."""
    text = sample.decode(codec, "replace")
    strange = [character for character in text if not character.isascii()]
    wrong = text.count("\ufffd")
    if not strange or 20 * wrong > len(strange):
        return False
    japanese, kana = len(_JAPANESE.findall(text)), sum(map(len, _KANA.findall(text)))
    half_width = len(_HALF_WIDTH.findall(text))
    if 10 * japanese < 8 * len(strange):
        return False
    if 10 * (kana - half_width) >= len(strange):
        return True
    # Kanji alone, or half-width kana: accents of Windows-1252 read like either of them.
    return codec == "cp932" and not wrong and _share_of_letters(sample) < 0.5


def _share_of_letters(sample: bytes) -> float:
    """Return which share of what is not ASCII are letters, read as Windows-1252."""
    strange = [c for c in sample.decode("cp1252", "replace") if not c.isascii()]
    return sum(1 for character in strange if character.isalpha()) / max(len(strange), 1)


def _is_western(sample: bytes) -> bool:
    """Say whether Windows-1252 gives accented letters among plain ones, and few signs."""
    text = sample.decode("cp1252", "replace")
    strange = [character for character in text if not character.isascii()]
    runs = _LETTER_RUN.findall(text)
    letters = sum(map(len, runs))
    if 20 * text.count("\ufffd") > len(strange):
        return False
    signs = sum(1 for character in strange if character in _SIGNS)
    return letters + signs >= 0.8 * len(strange) and letters <= LONGEST_ACCENT_RUN * len(runs)


def _by_statistics(sample: bytes) -> str:
    best = charset_normalizer.from_bytes(sample[: 1 << 16]).best()
    # Without zeros between its letters, text is no UTF-16.
    if best is None or best.encoding.startswith(("ascii", "utf")):
        return "cp1252"
    return codecs.lookup(best.encoding).name
