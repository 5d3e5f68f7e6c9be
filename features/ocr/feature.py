"""The words in a picture: on labels, signs and prints, in English and Japanese."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from core.environment import Environment
from core.setting import Setting
from features.base import ClauseContext, Json, Picture
from features.ocr.gate import may_contain_text
from features.ocr.tesseract import Tesseract
from features.ocr.text import bound_query, has_letter_or_digit, normalise

SETTINGS = (
    Setting(
        "LOOKALIKE_OCR_LANGUAGES", "`eng,jpn`", "Tesseract's language codes, the most likely first"
    ),
    Setting("LOOKALIKE_OCR_WORKERS", "cores", "pictures read at the same time"),
    Setting("LOOKALIKE_OCR_TIMEOUT_S", "20", "time limit for reading one picture, in seconds"),
)


HALF_SCORE = 10.0
"""The BM25 score that counts as a similarity of one half: about one rare word in common (7 among
10,000 pictures), found by both analyses."""


MIN_SHOULD_MATCH = "3<75%"
"""All of up to three words must be in the picture, three quarters of more."""


class Ocr:
    """Reads with Tesseract, a process a picture and at most `workers` at a time.

    The threads here only wait for those processes, so a crash or a memory leak in Tesseract
    costs one picture.
    """

    name = "ocr"
    version = 1
    default_weight = 0.5
    proposes_candidates = False
    is_lexical = True

    def __init__(
        self,
        languages: Sequence[str] = ("eng", "jpn"),
        workers: int | None = None,
        timeout_s: float = 20,
    ) -> None:
        """`languages` are Tesseract's codes, the likeliest first; `workers` defaults to the cores.

        Raises ModelUnavailable where Tesseract or one of the languages is missing.
        """
        self._tesseract = Tesseract(languages, timeout_s)
        self._readers = ThreadPoolExecutor(workers or os.cpu_count(), thread_name_prefix="ocr")

    def mapping(self) -> Json:
        """Return the object of one text, analysed twice; `mappings` defines both analysers.

        English words are found by their stems; `cjk` holds bigrams, which find Japanese (it has
        no borders between words) and English words as written.
        """
        return {
            "properties": {
                "text": {
                    "type": "text",
                    "analyzer": "words_en",
                    "fields": {"cjk": {"type": "text", "analyzer": "words_cjk"}},
                }
            }
        }

    def is_worthwhile(self, picture: Picture) -> bool:
        """Return whether the picture has a row of strokes; takes 1 to 2 ms."""
        return may_contain_text(picture.pixels)

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return `{"text": lines}` a picture in NFKC; None where no text is read.

        A picture that takes longer than `timeout_s`, or that Tesseract fails on, is None as well:
        reading again would fail again. A warning names its SHA-256 and the reason.
        """
        return list(self._readers.map(self._value, pictures))

    def _value(self, picture: Picture) -> Json | None:
        text = self._tesseract.read(picture.pixels, label=picture.sha256 or "(a part)")
        return {"text": text} if text else None

    def query_from_text(self, text: str) -> Json | None:
        """Return `{"text": text, "required": share}` in NFKC; None without a letter or digit.

        A shopper means every word they type. What is read in a picture differs from reading to
        reading, so a picture's own text requires one word only.
        """
        normal = normalise(text)
        if not has_letter_or_digit(normal):
            return None
        return {"text": normal, "required": MIN_SHOULD_MATCH}

    def clause(self, value: Json, context: ClauseContext) -> Json:
        """Return the query for pictures with the required share of the first words, or with one.

        The score is s / (s + HALF) for a BM25 score s, so in [0, 1) and rising with s.
        """
        text = f"{context.field}.text"
        match: Json = {
            "query": bound_query(value["text"]),
            "fields": [text, f"{text}.cjk"],
            "type": "most_fields",
        }
        if "required" in value:
            match["minimum_should_match"] = value["required"]
        return {
            "script_score": {
                "query": {"multi_match": match},
                "script": {
                    "source": "return _score / (_score + params.half);",
                    "params": {"half": HALF_SCORE},
                },
            }
        }


def create(environment: Environment) -> Ocr:
    """Build the feature from LOOKALIKE_OCR_LANGUAGES, _WORKERS and _TIMEOUT_S."""
    return Ocr(
        languages=environment.names("LOOKALIKE_OCR_LANGUAGES", ("eng", "jpn")),
        workers=environment.integer("LOOKALIKE_OCR_WORKERS", os.cpu_count() or 1, low=1, high=256),
        timeout_s=environment.number("LOOKALIKE_OCR_TIMEOUT_S", 20, low=1, high=600),
    )
