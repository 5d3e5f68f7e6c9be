"""OCR: what is written in a picture, found by the words."""

import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from core.environment import Environment
from core.errors import InvalidSetting
from features.base import ClauseContext, Feature, Json, Picture
from features.ocr.engine import TextEngine
from features.ocr.feature import Ocr, create
from features.ocr.rapidocr import RapidOcr
from features.ocr.tesseract import Tesseract
from indexer.demo.shop_plan import plan_shop
from indexer.demo.studio import photograph
from tests.support.drawn_words import written
from tests.support.nested_index import NestedIndex
from tests.support.pictures import load, plain

WORD = re.compile(r"[a-z0-9]+|[\u3041-\u30ff\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def ocr() -> Ocr:
    return Ocr(RapidOcr(timeout_s=120))  # a busy machine must not look like a reader gone blind


def words(text: str) -> set[str]:
    """Return English words and single Japanese characters: reading order is a choice."""
    return set(WORD.findall(unicodedata.normalize("NFKC", text).lower()))


def recall(engine: TextEngine, shared_data: Path, lang: str) -> float:
    lines = (shared_data / "ocr" / "ocr_dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["lang"] == lang]
    values = Ocr(engine).extract([load(shared_data / "ocr" / row["image"]) for row in rows])
    found = known = 0
    for row, value in zip(rows, values, strict=True):
        found += len(words(row["text"]) & words(value["text"] if value else ""))
        known += len(words(row["text"]))
    return found / known


@pytest.mark.parametrize(
    "engine", [RapidOcr(timeout_s=240), Tesseract(("eng", "jpn"), 240)], ids=lambda one: one.name
)
def test_english_pages_are_read_whichever_way_up(engine: TextEngine, shared_data: Path) -> None:
    assert recall(engine, shared_data, "eng") > 0.95


@pytest.mark.parametrize(
    ("engine", "least"),
    [(RapidOcr(timeout_s=120), 0.95), (Tesseract(("eng", "jpn"), 120), 0.5)],
    ids=["rapidocr", "tesseract"],
)
def test_a_japanese_sign_is_read(engine: TextEngine, least: float, shared_data: Path) -> None:
    assert recall(engine, shared_data, "jpn+eng") >= least


def test_a_value_has_the_text_and_every_line_with_its_place(ocr: Ocr) -> None:
    (value,) = ocr.extract([written("Ginger", "X")])
    assert value["text"] == "Ginger"
    ginger, lone = value["lines"]
    assert (ginger["text"], lone["text"]) == ("Ginger", "X")
    left, top, right, bottom = ginger["box"]
    assert 0 <= left < 0.5 < right <= 1
    assert 0 <= top < 60 / 360 < bottom <= 1
    assert 0.9 < ginger["confidence"] <= 1


def test_lines_for_a_search_are_the_plausible_ones(ocr: Ocr) -> None:
    assert [line.text for line in ocr.read_lines(written("Ginger", "X"), quick=True)] == ["Ginger"]


def test_blank_picture_has_no_text(ocr: Ocr) -> None:
    assert ocr.extract([plain("white"), plain("navy")]) == [None, None]


def test_gate_says_yes_to_every_picture_with_text(ocr: Ocr, shared_data: Path) -> None:
    pictures = sorted((shared_data / "ocr" / "images").iterdir())
    assert [path.name for path in pictures if not ocr.is_worthwhile(load(path))] == []


def test_gate_says_yes_to_katakana_and_to_spaced_letters(ocr: Ocr) -> None:
    assert ocr.is_worthwhile(written("ラーメン", size=60, turn=90))
    assert ocr.is_worthwhile(written("チョコレート", size=20))
    assert ocr.is_worthwhile(written("R U E L L E", size=50))


@pytest.mark.parametrize("path", ["images/demo-0034-1.jpg", "images/demo-0234-1.jpg"])
def test_gate_says_yes_to_words_beside_a_pattern(ocr: Ocr, path: str) -> None:
    (shown,) = (one for one in plan_shop(300).pictures if one.path == path)
    pixels = photograph(shown.design, shown.view, shown.take)
    assert ocr.is_worthwhile(Picture(pixels, *pixels.size))


def test_gate_says_no_to_fruit_and_to_plain_colour(ocr: Ocr, shared_data: Path) -> None:
    (apple,) = (shared_data / "grocery" / "iconic").rglob("*_Granny-Smith.jpg")
    assert not ocr.is_worthwhile(load(apple))
    assert not ocr.is_worthwhile(plain("red"))


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
