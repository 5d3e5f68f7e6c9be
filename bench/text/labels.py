"""Measure the reading of text in pictures: drawn labels and pages, by engine."""

import json
import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import click

from bench.data.drawn_labels import Label, draw_label, plan_labels, plan_upright_labels
from bench.options import FOLDER
from bench.report import Limit, Report, at_least, log_progress, reporting
from bench.statistics.metrics import mean, percentile
from bench.text.reading_lane import ReadingLane
from core.environment import Environment
from features.base import Picture
from features.imaging.decode import FEED_LIMITS, decode
from features.ocr.choice import ENGINES
from features.ocr.feature import Ocr, create

WORD = re.compile(r"[a-z0-9]+|[\u3041-\u30ff\u4e00-\u9fff]")
"""English words and single Japanese characters: where words begin and end is a choice."""

STRIDE = 37
"""Prime to the number of labels, so that every one comes up."""

TIMED_SIDES = (400, 640)
TIMED = 40
"""Labels that are read one after the other, each with all cores, by long side in pixels."""

Page = tuple[Picture, set[str]]


@click.command("labels")
@click.option("--data", type=FOLDER, required=True, help="Folder with ocr/ocr_dev.jsonl.")
@click.option(
    "--engine", "engines", type=click.Choice(ENGINES), multiple=True, default=ENGINES,
    help="Engine to measure; several are compared. Default: all.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1), help="Use this many labels, spread over all.")
@click.option("--markdown", is_flag=True, help="Print a Markdown table instead of JSON.")
def command(data: Path, engines: Sequence[str], limit: int | None, markdown: bool) -> None:
    """Draw labels, and read them and the pages of DATA as a load does and as a search would."""
    plans = {"labels": plan_labels(), "upright": plan_upright_labels()}
    labels = {name: _spread(plan)[:limit] for name, plan in plans.items()}
    pages = read_pages(data / "ocr")
    correct: list[list[bool]] = []
    with reporting("labels", markdown=markdown) as report:
        log_progress("drawing the labels")
        drawn = {name: [decode(draw_label(one)) for one in some] for name, some in labels.items()}
        report.sizes |= {"pages": len(pages), **{name: len(some) for name, some in drawn.items()}}
        for engine in engines:
            log_progress(f"reading with {engine}")
            settings = {**Environment.current().values, "LOOKALIKE_OCR_ENGINE": engine}
            lane = ReadingLane(Environment(settings), drawn["labels"][0])
            correct.append(_read_labels(report, engine, lane, labels["labels"], drawn["labels"]))
            texts = lane.read(drawn["upright"])
            read = [label.is_in(text) for label, text in zip(labels["upright"], texts, strict=True)]
            report.add(f"{engine}.upright.read", mean(read), "share")
            _read_pages(report, engine, lane, pages)
            lane.close()
            report.add(f"{engine}.lane.peak_rss", lane.peak_mb, "MB")
            _time(report, engine, create(Environment(settings)), labels["labels"], drawn["labels"])
        if len(correct) > 1:
            either = [any(readings) for readings in zip(*correct, strict=True)]
            report.add("either.labels.read", mean(either), "share")


def _spread(plan: Sequence[Label]) -> list[Label]:
    """Return the labels in an order in which any first few are of many kinds."""
    return [plan[STRIDE * at % len(plan)] for at in range(len(plan))]


def read_pages(folder: Path) -> list[Page]:
    """Return the pictures of `ocr_dev.jsonl`, each with the words that stand in it."""
    rows = map(json.loads, (folder / "ocr_dev.jsonl").read_text(encoding="utf-8").splitlines())
    return [
        (decode((folder / row["image"]).read_bytes(), FEED_LIMITS), words_of(row["text"]))
        for row in rows
    ]


def words_of(text: str) -> set[str]:
    """Return the English words and single Japanese characters of a text, folded."""
    return set(WORD.findall(unicodedata.normalize("NFKC", text).lower()))


def _read_labels(
    report: Report,
    engine: str,
    lane: ReadingLane,
    labels: Sequence[Label],
    drawn: Sequence[Picture],
) -> list[bool]:
    """Read and report the labels; return which were read."""
    texts = lane.read(drawn)
    report.add(
        f"{engine}.lane.rate", len(drawn) / lane.seconds, "pictures/s", _goal(engine, at_least(2))
    )
    report.add(f"{engine}.lane.core_time", 1000 * lane.core_seconds / len(drawn), "ms")
    correct = [label.is_in(text) for label, text in zip(labels, texts, strict=True)]
    report.add(f"{engine}.labels.read", mean(correct), "share", _goal(engine, at_least(0.9)))
    groups: dict[str, list[bool]] = defaultdict(list)
    for label, is_read in zip(labels, correct, strict=True):
        for group in (label.contrast, label.script, f"turned {label.turn}", f"{label.size} px"):
            groups[group].append(is_read)
    for group, readings in groups.items():
        report.add(f"{engine}.labels.read, {group}", mean(readings), "share")
    others = [
        bool(words_of(text) - words_of(label.word) - words_of(label.word.lower()))
        for label, text in zip(labels, texts, strict=True)
    ]
    report.add(f"{engine}.labels.with_other_words", mean(others), "share")
    return correct


def _read_pages(report: Report, engine: str, lane: ReadingLane, pages: Sequence[Page]) -> None:
    texts = lane.read([picture for picture, _ in pages])
    found = sum(len(words & words_of(text)) for (_, words), text in zip(pages, texts, strict=True))
    known = sum(len(words) for _, words in pages)
    report.add(f"{engine}.pages.recall", found / known, "share", _goal(engine, at_least(0.95)))


def _time(
    report: Report, engine: str, feature: Ocr, labels: Sequence[Label], drawn: Sequence[Picture]
) -> None:
    """Report how long a search would wait for the text of one photo, and how much it would read."""
    feature.read_lines(drawn[0], quick=True)
    for side in TIMED_SIDES:
        times, correct, cpu = [], [], time.process_time()
        for label, picture in list(zip(labels, drawn, strict=True))[:TIMED]:
            share = side / max(picture.pixels.size)
            width, height = (round(share * length) for length in picture.pixels.size)
            photo = Picture(picture.pixels.resize((width, height)), width, height)
            began = time.perf_counter()
            lines = feature.read_lines(photo, quick=True)
            times.append(1000 * (time.perf_counter() - began))
            correct.append(label.is_in("\n".join(line.text for line in lines)))
        spent = 1000 * (time.process_time() - cpu) / len(times)
        report.add(f"{engine}.photo.{side}.read", mean(correct), "share")
        report.add(f"{engine}.photo.{side}.p50", percentile(times, 50), "ms")
        report.add(f"{engine}.photo.{side}.p95", percentile(times, 95), "ms")
        if engine == ENGINES[0]:  # the other's work is done by its children
            report.add(f"{engine}.photo.{side}.core_time", spent, "ms")


def _goal(engine: str, limit: Limit) -> Limit | None:
    """Return the limit for the default engine, and none for another."""
    return limit if engine == ENGINES[0] else None
