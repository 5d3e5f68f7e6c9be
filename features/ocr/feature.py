"""The words in a picture: on labels, signs and prints, in English and Japanese."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from core.environment import Environment
from core.setting import Setting
from features.base import ClauseContext, Json, Picture
from features.ocr.choice import create_engine
from features.ocr.engine import TextEngine, TextLine
from features.ocr.gate import may_contain_text
from features.ocr.plausibility import is_plausible
from features.ocr.text import bound_query, has_letter_or_digit, normalise

SETTINGS = (Setting("LOOKALIKE_OCR_WORKERS", "cores", "pictures read at the same time"),)


HALF_SCORE = 10.0
"""The BM25 score that counts as a similarity of one half: about one rare word in common (7 among
10,000 pictures), found by both analyses."""


MIN_SHOULD_MATCH = "3<75%"
"""All of up to three words must be in the picture, three quarters of more."""


class Ocr:
    """Reads with one engine, at most `workers` pictures at a time."""

    name = "ocr"
    version = 2
    default_weight = 0.5
    proposes_candidates = False
    is_lexical = True

    def __init__(self, engine: TextEngine, workers: int | None = None) -> None:
        """`workers` defaults to the cores."""
        self._engine = engine
        self._readers = ThreadPoolExecutor(workers or os.cpu_count(), thread_name_prefix="ocr")

    def mapping(self) -> Json:
        """Return the object of one text, analysed twice; `mappings` defines both analysers.

        English words are found by their stems; `cjk` holds bigrams, which find Japanese (it has
        no borders between words) and English words as written. `lines` are kept, not indexed.
        """
        return {
            "properties": {
                "text": {
                    "type": "text",
                    "analyzer": "words_en",
                    "fields": {"cjk": {"type": "text", "analyzer": "words_cjk"}},
                },
                "lines": {"type": "object", "enabled": False},
            }
        }

    def is_worthwhile(self, picture: Picture) -> bool:
        """Return whether the picture has a row of strokes; takes a few milliseconds."""
        return may_contain_text(picture.pixels)

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return `{"text": str, "lines": list}` a picture; None where no line is read.

        `text` has the plausible lines, in NFKC, to be found by; it may be empty. `lines` has all,
        from top to bottom: `{"text", "box": [left, top, right, bottom], "confidence"}`, in shares
        of the picture and from 0 to 1. Nothing is read anew of a picture that the engine fails on:
        a warning names its SHA-256 and the reason.
        """
        return list(self._readers.map(self._value, pictures))

    def read_lines(self, picture: Picture, *, quick: bool = False) -> list[TextLine]:
        """Return the plausible lines of a picture from top to bottom, in the calling thread.

        `quick` is for somebody who waits: small type may be left out.
        """
        lines = self._engine.read(picture.pixels, _name(picture), quick=quick)
        return [line for line in lines if is_plausible(line, self._engine.min_confidence)]

    def _value(self, picture: Picture) -> Json | None:
        lines = self._engine.read(picture.pixels, _name(picture))
        if not lines:
            return None
        least = self._engine.min_confidence
        return {
            "text": "\n".join(line.text for line in lines if is_plausible(line, least)),
            "lines": [_stored_line(line) for line in lines],
        }

    def read_text(self, picture: Picture) -> str:
        """Return the plausible lines of a shopper's photo; small type may be left out."""
        return "\n".join(line.text for line in self.read_lines(picture, quick=True))

    def query_from_text(self, text: str) -> Json | None:
        """Return `{"text": text, "required": share}` in NFKC; None without a letter or digit.

        Shoppers mean every word they type. Two readings of a picture differ, so a picture's own
        text requires one word only.
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


def _name(picture: Picture) -> str:
    return picture.sha256 or "(a part)"


def _stored_line(line: TextLine) -> Json:
    box = line.box
    edges = [round(edge, 4) for edge in (box.left, box.top, box.right, box.bottom)]
    return {"text": line.text, "box": edges, "confidence": round(line.confidence, 3)}


def create(environment: Environment) -> Ocr:
    """Build the feature from LOOKALIKE_OCR_*.

    Raises InvalidSetting, and ModelUnavailable where the engine is missing.
    """
    cores = os.cpu_count() or 1
    return Ocr(
        create_engine(environment),
        workers=environment.integer("LOOKALIKE_OCR_WORKERS", cores, low=1, high=256),
    )
