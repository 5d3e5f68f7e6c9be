"""OCR: what is written in a picture, found by the words."""

import json
import logging
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytesseract
import pytest

from core.environment import Environment
from core.errors import InvalidSetting
from features.base import ClauseContext, Feature, Json, Picture
from features.errors import ModelUnavailable
from features.ocr.feature import Ocr, create
from tests.features.nested_index import NestedIndex
from tests.features.pictures import load, plain

WORD = re.compile(r"[a-z0-9]+|[\u3041-\u30ff\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def ocr() -> Ocr:
    return Ocr(timeout_s=120)  # a busy machine must not look like a reader gone blind


@pytest.fixture
def phototest(shared_data: Path) -> Picture:
    return load(shared_data / "ocr" / "images" / "pyt_test.png")


def words(text: str) -> set[str]:
    """Return English words and single Japanese characters: reading order is a choice."""
    return set(WORD.findall(unicodedata.normalize("NFKC", text).lower()))


def recall(ocr: Ocr, shared_data: Path, lang: str) -> float:
    lines = (shared_data / "ocr" / "ocr_dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["lang"] == lang]
    values = ocr.extract([load(shared_data / "ocr" / row["image"]) for row in rows])
    found = known = 0
    for row, value in zip(rows, values, strict=True):
        found += len(words(row["text"]) & words(value["text"] if value else ""))
        known += len(words(row["text"]))
    return found / known


def test_english_pages_are_read_whichever_way_up(ocr: Ocr, shared_data: Path) -> None:
    assert recall(ocr, shared_data, "eng") > 0.95


def test_most_of_a_japanese_sign_is_read(ocr: Ocr, shared_data: Path) -> None:
    assert recall(ocr, shared_data, "jpn+eng") >= 0.5


def test_blank_picture_has_no_text(ocr: Ocr) -> None:
    assert ocr.extract([plain("white"), plain("navy")]) == [None, None]


def test_gate_says_yes_to_every_picture_with_text(ocr: Ocr, shared_data: Path) -> None:
    pictures = sorted((shared_data / "ocr" / "images").iterdir())
    assert [path.name for path in pictures if not ocr.is_worthwhile(load(path))] == []


def test_gate_says_no_to_fruit_and_to_plain_colour(ocr: Ocr, shared_data: Path) -> None:
    (apple,) = (shared_data / "grocery" / "iconic").rglob("*_Granny-Smith.jpg")
    assert not ocr.is_worthwhile(load(apple))
    assert not ocr.is_worthwhile(plain("red"))


def test_reading_that_takes_too_long_is_named_and_has_no_text(
    phototest: Picture, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert Ocr(timeout_s=0.01).extract([phototest]) == [None]
    assert f"no text read in picture {phototest.sha256}: Tesseract process timeout" in caplog.text


def test_failed_reading_is_named_and_ran_on_one_thread(
    phototest: Picture,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    # A stand-in, because no picture makes the real program fail on every version of it.
    monkeypatch.setenv("OMP_THREAD_LIMIT", "")
    monkeypatch.delenv("OMP_THREAD_LIMIT")
    ocr = Ocr()
    ocr.extract([plain("white")])  # pytesseract asks for the version once, of the real program
    program = tmp_path / "tesseract"
    program.write_text('#!/bin/sh\necho "threads: $OMP_THREAD_LIMIT" >&2\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", str(program))
    with caplog.at_level(logging.WARNING):
        assert ocr.extract([phototest]) == [None]
    assert "threads: 1" in caplog.text


def test_missing_language_says_what_to_type() -> None:
    with pytest.raises(ModelUnavailable, match="apt-get install tesseract-ocr tesseract-ocr-xx-yy"):
        Ocr(languages=("eng", "xx_yy"))


def test_missing_tesseract_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", "/nowhere/tesseract")
    with pytest.raises(ModelUnavailable, match="apt-get install tesseract-ocr tesseract-ocr-eng"):
        Ocr()


def test_no_workers_at_all_are_refused() -> None:
    with pytest.raises(InvalidSetting, match="LOOKALIKE_OCR_WORKERS"):
        create(Environment({"LOOKALIKE_OCR_WORKERS": "0"}))


def test_words_are_normalised(ocr: Ocr) -> None:
    typed = ocr.query_from_text(" ＯＡＴ　ﾐﾙｸ ")
    assert typed is not None
    assert typed["text"] == "OAT ミルク"


def test_clause_asks_both_analyses_and_saturates(ocr: Ocr) -> None:
    assert ocr.clause({"text": "oat\nmilk oat"}, ClauseContext("images.ocr")) == {
        "script_score": {
            "query": {
                "multi_match": {
                    "query": "oat milk",
                    "fields": ["images.ocr.text", "images.ocr.text.cjk"],
                    "type": "most_fields",
                }
            },
            "script": {
                "source": "return _score / (_score + params.half);",
                "params": {"half": 10.0},
            },
        }
    }


def test_a_page_as_a_query_is_cut(ocr: Ocr) -> None:
    def query(text: str) -> str:
        clause: Json = ocr.clause({"text": text}, ClauseContext("images.ocr"))
        asked: str = clause["script_score"]["query"]["multi_match"]["query"]
        return asked

    assert query(" ".join(f"word{n}" for n in range(1000))).split()[-1] == "word63"
    assert len(query("語" * 100_000)) == 512


@pytest.mark.parametrize("asked", ["litters", "港区", "ポイ捨て", "ＮＯ　ＬＩＴＴＥＲ"])
def test_words_find_the_picture_they_stand_in(
    ocr: Ocr, nested_index: Callable[[Feature], NestedIndex], asked: str
) -> None:
    index = nested_index(ocr)
    sign = {"text": "ポイ捨て禁止!\nNO LITTER\n清潔できれいな港区を"}
    index.put([("sign", sign), ("box", {"text": "oat milk 牛乳"}), ("none", None)])
    assert set(index.ask(ocr.clause(ocr.query_from_text(asked), ClauseContext(index.field)))) == {
        "sign"
    }


def test_typed_words_must_all_be_in_the_picture_read_ones_need_not(
    ocr: Ocr, nested_index: Callable[[Feature], NestedIndex]
) -> None:
    index = nested_index(ocr)
    index.put([("oats", {"text": "oat milk"}), ("cow", {"text": "cow milk"})])
    context = ClauseContext(index.field)
    assert set(index.ask(ocr.clause(ocr.query_from_text("oat milk"), context))) == {"oats"}
    assert set(index.ask(ocr.clause({"text": "oat milk"}, context))) == {"oats", "cow"}


def test_text_read_twice_shares_more_than_other_text(
    ocr: Ocr, shared_data: Path, nested_index: Callable[[Feature], NestedIndex]
) -> None:
    images = shared_data / "ocr" / "images"
    page, jpeg, other = ocr.extract(
        [load(images / name) for name in ("pyt_test.png", "pyt_test.jpg", "pyt_test-european.jpg")]
    )
    index = nested_index(ocr)
    index.put([("jpeg", jpeg), ("other", other), ("none", None)])
    scores = index.ask(ocr.clause(page, ClauseContext(index.field)))
    assert scores["jpeg"] > scores["other"]
