"""Drawn labels are read by each engine, in the lane of a load."""

import json
from pathlib import Path

import pytest

from bench.data.drawn_labels import Label, draw_label, plan_labels, plan_upright_labels
from tests.bench.conftest import Run


def test_labels_are_of_every_contrast_turn_and_script_in_equal_numbers() -> None:
    labels = plan_labels()
    cells = {(label.contrast, label.turn, label.script) for label in labels}
    assert (len(labels), len(cells)) == (200, 40)
    assert len({label.number for label in (*labels, *plan_upright_labels())}) == 240


def test_equal_labels_are_equal_files() -> None:
    first, second = plan_labels()[:2]
    assert draw_label(first) == draw_label(first) != draw_label(second)


def test_a_label_is_read_as_a_whole_word() -> None:
    english = Label("cedar", "English", "dark on light", turn=0, size=24, number=0)
    assert english.is_in("No. 7\nCedar oil")
    assert not english.is_in("cedars")
    japanese = Label("麦茶", "Japanese", "dark on light", turn=0, size=24, number=1)
    assert japanese.is_in("香ばしい 麦 茶")


@pytest.fixture
def pages(shared_data: Path, tmp_path: Path) -> Path:
    """A folder with two small pages."""
    folder = tmp_path / "data" / "ocr"
    folder.mkdir(parents=True)
    (folder / "images").symlink_to(shared_data / "ocr" / "images")
    rows = (shared_data / "ocr" / "ocr_dev.jsonl").read_text(encoding="utf-8").splitlines()
    few = [
        row for row in rows if (json.loads(row)["width"] < 500 and "Hello" in row) or "small" in row
    ]
    (folder / "ocr_dev.jsonl").write_text("\n".join(few), encoding="utf-8")
    return folder.parent


def test_labels_and_pages_are_read_by_both_engines(run: Run, pages: Path) -> None:
    figures = run("labels", "--data", pages, "--limit", 4)
    assert figures["rapidocr.labels.read"]["figure"] >= 0.75
    assert figures["rapidocr.labels.read"]["sizes"]["labels"] == 4
    assert figures["rapidocr.labels.read"]["sizes"]["pages"] == 2
    assert figures["rapidocr.pages.recall"]["figure"] == 1
    assert figures["either.labels.read"]["figure"] >= figures["tesseract.labels.read"]["figure"]
    assert figures["rapidocr.lane.peak_rss"]["figure"] > 100
    assert figures["rapidocr.lane.core_time"]["figure"] > 50
