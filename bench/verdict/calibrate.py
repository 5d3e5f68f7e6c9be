"""Fit the verdict model on labelled pairs, and measure how accurate and reliable it is.

The model is calibrated on the split `calibrate` while fitted on `fit`, then fitted on both, and
judged on `test`, whose pictures, their relatives and its attacks are in neither of the others.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from app.trust.examination.verdict import MODEL_FILE, VerdictModel
from bench.options import FOLDER
from bench.report import Report, at_least, at_most, log_progress, reporting
from bench.statistics import reliability
from bench.verdict import confusion, pair_signals, tree_fitting
from bench.verdict.confusion import Prediction
from bench.verdict.kind_pairs import KINDS
from bench.verdict.pair_signals import PairSignals
from core.environment import Environment
from features.base import Json

MODEL_PATH = Path(__file__).parents[2] / "app" / "trust" / "examination" / MODEL_FILE
SPLITS = ("fit", "calibrate", "test")
SAME_PHOTO = ("same_photo",)
SAME_PRODUCT = ("same_photo", "same_product")
SAME_PHOTO_FROM, SAME_PRODUCT_FROM = 0.8, 0.5
"""Calling a seller's own photo stolen is worse than leaving a doubtful pair to a reviewer, whose
queue starts at even odds; so `same_photo` needs odds of four to one, `same_product` even odds."""

LIMITS = {"fit": 5500, "calibrate": 700, "test": 1300}
"""Pairs of each split, besides those of the kinds."""

KIND_COUNTS = {"fit": 60, "calibrate": 15, "test": 30}
"""Pairs of each kind of `kind_pairs` in each split."""

MOST_MISSED, MOST_FALSE = 0.05, 0.01
"""Limits of a kind: copies not called the same photo, and other pairs called so."""


@click.command("calibrate")
@click.option(
    "--data", type=FOLDER, required=True, help="Folder with the test pictures and attacks.py."
)
@click.option("--limit", type=click.IntRange(100), help="Use only this many pairs of each split.")
@click.option(
    "--tables",
    type=click.Path(path_type=Path, file_okay=False),
    help="Cache signals in this folder.",
)
@click.option("--write", is_flag=True, help="Fit a model and replace the one in use.")
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the reliability diagram (SVG) to this file.",
)
@click.option("--markdown", is_flag=True, help="Print a Markdown table instead of JSON.")
def command(
    data: Path,
    limit: int | None,
    tables: Path | None,
    write: bool,
    plot: Path | None,
    markdown: bool,
) -> None:
    """Judge the verdict model in use; with --write, fit and install a new one first."""
    with reporting("calibrate", markdown=markdown) as report:
        signals = {
            split: signals_of_split(data, split, limit, tables)
            for split in (SPLITS if write else SPLITS[-1:])
        }
        report.sizes |= {f"pairs_{split}": len(rows) for split, rows in signals.items()}
        if write:
            fitted = fit_model(signals, data)
            MODEL_PATH.write_text(
                json.dumps(fitted, separators=(",", ":")) + "\n", encoding="utf-8"
            )
        report_quality(report, signals["test"], VerdictModel.load(), plot)


def signals_of_split(
    data: Path, split: str, limit: int | None, folder: Path | None
) -> list[PairSignals]:
    """Return the signals of a split's pairs, read from `folder` if an earlier run saved them."""
    path = folder / f"{split}.jsonl" if folder else None
    if path is not None and path.exists():
        log_progress(f"{split}: signals from {path}")
        return pair_signals.load_signals(path)
    rows = pair_signals.compute_signals(
        data, split, Environment.current(), limit or LIMITS[split], KIND_COUNTS[split]
    )
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        pair_signals.save_signals(rows, path)
    return rows


def fit_model(signals: Mapping[str, Sequence[PairSignals]], data: Path) -> dict[str, Json]:
    """Return the content of the model file, with facts about its data and reliability."""
    fitting, calibrating = (
        without_identical_files(signals["fit"]),
        without_identical_files(signals["calibrate"]),
    )
    model: dict[str, Json] = {
        "signals": list(tree_fitting.DIRECTIONS),
        "photo": tree_fitting.fit_trees(fitting, calibrating, SAME_PHOTO),
        "product": tree_fitting.fit_trees(fitting, calibrating, SAME_PRODUCT),
        "same_photo_from": SAME_PHOTO_FROM,
        "same_product_from": SAME_PRODUCT_FROM,
        "facts": {
            "data": f"labelled pairs of bench.verdict over {data.resolve().name}, seed 7",
            "fitted_at": datetime.now(UTC).date().isoformat(),
            "pairs": {split: len(rows) for split, rows in signals.items()},
        },
    }
    predictions = predict(without_identical_files(signals["test"]), VerdictModel.from_json(model))
    model["facts"]["reliability"] = summarise(predictions)
    return model


def without_identical_files(rows: Sequence[PairSignals]) -> list[PairSignals]:
    """Return the pairs that are not the same file twice."""
    return [row for row in rows if not row.same_file]


def predict(rows: Sequence[PairSignals], model: VerdictModel) -> list[Prediction]:
    """Return the model's label and probability for each pair."""
    predictions = []
    for row in rows:
        verdict = model.predict(row.signals)
        label, probability = model.label(verdict), verdict.p_same_photo
        if row.same_file:
            label, probability = "same_file", 1.0
        predictions.append(Prediction(row.truth, label, probability, row.kind, row.edit))
    return predictions


def summarise(predictions: Sequence[Prediction]) -> dict[str, float]:
    """Return recall, false matches and calibration of P(same photo)."""
    probabilities = [one.probability for one in predictions]
    outcomes = [one.is_same_photo for one in predictions]
    positives = [one for one in predictions if one.is_same_photo]
    return {
        "recall": round(sum(one.is_right for one in positives) / max(1, len(positives)), 5),
        "false_matches": sum(one.is_false_match for one in predictions),
        "expected_calibration_error": round(
            reliability.expected_calibration_error(probabilities, outcomes), 5
        ),
        "brier": round(reliability.brier(probabilities, outcomes), 5),
    }


def report_quality(
    report: Report, rows: Sequence[PairSignals], model: VerdictModel, plot: Path | None
) -> None:
    """Report the model's quality on pairs it was not fitted on: of all sorts, then of each kind."""
    judged = without_identical_files(rows)
    usual = [row for row in judged if row.kind not in KINDS]
    predictions = predict(usual, model)
    figures = summarise(predictions)
    report.add("recall", figures["recall"], "share", at_least(0.98))
    report.add("false_matches", figures["false_matches"], "pairs", at_most(0))
    report.add("ece", figures["expected_calibration_error"], "share", at_most(0.02))
    report.add("brier", figures["brier"], "mean squared error")
    log_progress(confusion.markdown_report(predictions))
    report_kinds(report, predict([row for row in judged if row.kind in KINDS], model))
    for row, prediction in zip(usual, predictions, strict=True):
        if prediction.is_false_match:
            log_progress(
                f"false match {prediction.probability:.3f}: "
                f"{row.a} ({row.edit or 'as it is'}), {row.b}"
            )
    if plot is not None:
        bins = reliability.bins(
            [prediction.probability for prediction in predictions],
            [prediction.is_same_photo for prediction in predictions],
        )
        plot.write_text(reliability.plot(bins, "P(same photo)"), encoding="utf-8")


def report_kinds(report: Report, predictions: Sequence[Prediction]) -> None:
    """Report the share of each kind that is missed, or wrongly called the same photo."""
    for kind in KINDS:
        members = [one for one in predictions if one.kind == kind]
        copies = [one for one in members if one.is_same_photo]
        others = [one for one in members if not one.is_same_photo]
        if copies:
            missed = sum(not one.is_right for one in copies) / len(copies)
            report.add(f"{kind}: missed", round(missed, 4), "share", at_most(MOST_MISSED))
        if others:
            false = sum(one.is_false_match for one in others) / len(others)
            report.add(f"{kind}: false", round(false, 4), "share", at_most(MOST_FALSE))
