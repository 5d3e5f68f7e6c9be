"""Measure whether scores are probabilities: fit on some photos, judge on others.

Photos of one product come in bursts, so they are never split at random, but by product (half
against half, and back) and by the data set's own train and validation photos. Scores are judged
where users see them: on the ten hits of the first page, and on the first hit alone, which is
harder.
"""

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from bench.options import FILE, with_output_options
from bench.report import Report, at_least, at_most, log_progress, reporting
from bench.statistics import reliability
from bench.statistics.metrics import mean, percentile
from bench.workspace import Workspace, open_catalogue, open_workspace
from features.imaging.decode import UPLOAD_LIMITS
from features.imaging.sandbox import Sandbox
from features.registry import Registry
from indexer.calibration import fitting, labelled_queries, measurement
from indexer.calibration.examples import CalibrationExample, LabelledQuery, run_queries
from indexer.calibration.fitting import ScoreModel
from mappings.catalogue.catalogue import Catalogue
from mappings.search.weights import from_env, resolve_weights

PAGE = 10
ECE = at_most(0.05)
AGREE = at_most(1e-4)
"""Largest difference between the application's score and the model's; signals have six digits."""

CUTS = (0.1, 0.25, 0.5, 0.75, 0.9)
SAMPLE = 200
"""Number of photos also searched through the application."""


@dataclass(frozen=True)
class SearchedPhoto:
    """A photo, the part of the data set it belongs to, and the hits it found."""

    photo: labelled_queries.ProductPhoto
    part: str
    example: CalibrationExample


@dataclass(frozen=True)
class JudgedScores:
    """Probability and truth of each query's hits, best first, for queries that were not fitted on.

    `best_unrelated` holds the best probability of each query with its product left out.
    """

    hits: Sequence[Sequence[tuple[float, bool]]]
    best_unrelated: Sequence[float]

    def first_hits(self, k: int) -> tuple[list[float], list[bool]]:
        """Return probabilities and truths of every query's first k hits."""
        rows = [hit for hits in self.hits for hit in hits[:k]]
        return [said for said, _ in rows], [is_right for _, is_right in rows]


@click.command("calibration")
@click.option("--products", type=FILE, required=True, help="Product feed, as the indexer reads it.")
@click.option("--queries", type=FILE, required=True, help="CSV: image, product_id, source_split.")
@click.option("--limit", type=int, help="Use only this many photos, evenly spaced.")
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the reliability diagram (SVG) to this file.",
)
@with_output_options
def command(
    products: Path,
    queries: Path,
    limit: int | None,
    plot: Path | None,
    keep: bool,
    markdown: bool,
) -> None:
    """Measure how reliable calibrated scores are, on photos they were not fitted on."""
    with reporting("calibration", markdown=markdown) as report, open_workspace(keep=keep) as space:
        report.sizes |= {"products": space.load(products).products}
        catalogue = open_catalogue(space.environment, space.registry)
        searched = search_photos(space, catalogue, queries, limit)
        report.sizes |= {"queries": len(searched)}
        pages: list[Sequence[tuple[float, bool]]] = []
        for name, is_fitted in splits(searched).items():
            fitting_on = [one.example for one in searched if is_fitted(one)]
            judging = [one.example for one in searched if not is_fitted(one)]
            line = fitting.fit_score_model(fitting_on, space.registry)
            scores = judge_scores(judging, line)
            pages += scores.hits
            report_scores(report, name, scores, fitting.confidence_threshold(fitting_on, line))
            blind_examples = [without_background(one) for one in fitting_on]
            line = fitting.fit_score_model(blind_examples, space.registry)
            scores = judge_scores([without_background(one) for one in judging], line)
            report_variant(
                report,
                f"{name}.without_background",
                scores,
                fitting.confidence_threshold(blind_examples, line),
            )
        for feature in sorted({n for one in searched for _, s in one.example.hits for n in s}):
            report_single_feature(report, searched, space.registry, feature)
        report_served_scores(report, space, catalogue, searched)
        if plot is not None:
            draw_reliability(plot, JudgedScores(pages, ()))


def search_photos(
    space: Workspace, catalogue: Catalogue, queries: Path, limit: int | None
) -> list[SearchedPhoto]:
    """Search every photo as `python -m indexer calibrate` does; return what it found."""
    with queries.open(encoding="utf-8", newline="") as lines:
        parts = [row.get("source_split") or "" for row in csv.DictReader(lines)]
    listed = list(zip(labelled_queries.read_photos(queries), parts, strict=True))
    count = min(limit or len(listed), len(listed))
    listed = [listed[len(listed) * n // count] for n in range(count)]
    background = measurement.read_cohort(catalogue, space.registry)
    weights = resolve_weights(from_env(space.environment), space.registry)
    searched: list[SearchedPhoto] = []
    with Sandbox(1, UPLOAD_LIMITS) as decoder:
        extracted = labelled_queries.extract_queries(
            [photo for photo, _ in listed], space.registry, decoder
        )
        for (photo, part), query in zip(listed, extracted, strict=True):
            if not isinstance(query, LabelledQuery):
                log_progress(f"left out: {query.path}: {query.reason}")
                continue
            examples = run_queries([query], catalogue, space.registry, weights, background)
            searched += [SearchedPhoto(photo, part, one) for one in examples if one is not None]
            if len(searched) % 200 == 0:
                log_progress(f"{len(searched)} of {len(listed)} photos searched")
    return searched


def splits(searched: Sequence[SearchedPhoto]) -> dict[str, Callable[[SearchedPhoto], bool]]:
    """Return, by name, the predicate of the photos to fit on; the others are judged."""
    products = sorted({one.photo.product_id for one in searched})
    even = set(products[::2])
    by_name: dict[str, Callable[[SearchedPhoto], bool]] = {
        "by_product": lambda one: one.photo.product_id in even,
        "by_product_back": lambda one: one.photo.product_id not in even,
    }
    if {one.part for one in searched} >= {"train", "val"}:
        by_name["by_source"] = lambda one: one.part == "train"
    return by_name


def judge_scores(examples: Sequence[CalibrationExample], line: ScoreModel) -> JudgedScores:
    """Return the model's probabilities for queries it was not fitted on."""
    hits = [
        sorted(
            (
                (line.probability(one.background, scores), key == one.product_id)
                for key, scores in one.hits
            ),
            key=lambda hit: -hit[0],
        )
        for one in examples
    ]
    return JudgedScores(hits, [fitting.best_wrong_probability(one, line) for one in examples])


def without_background(example: CalibrationExample) -> CalibrationExample:
    """Return the example without the background similarity."""
    return replace(example, background=0.0, background_without=0.0)


def report_variant(report: Report, name: str, scores: JudgedScores, confident_from: float) -> None:
    """Report calibration error and the share above `confident_from`."""
    for label, k in (("", PAGE), ("first_hit.", 1)):
        error = reliability.expected_calibration_error(*scores.first_hits(k))
        report.add(f"{name}.{label}ece", error, "share")
    first, right = scores.first_hits(1)
    is_confident = [
        p >= confident_from for p, is_right in zip(first, right, strict=True) if is_right
    ]
    report.add(f"{name}.confident_from.right_first_hits_kept", mean(is_confident), "share")
    unrelated = mean([p >= confident_from for p in scores.best_unrelated])
    report.add(f"{name}.confident_from.unrelated_with_a_hit", unrelated, "share")


def report_scores(report: Report, name: str, scores: JudgedScores, confident_from: float) -> None:
    """Report calibration error, and what different lowest scores keep."""
    probabilities, outcomes = scores.first_hits(PAGE)
    report.add(
        f"{name}.ece", reliability.expected_calibration_error(probabilities, outcomes), "share", ECE
    )
    report.add(f"{name}.brier", reliability.brier(probabilities, outcomes), "mean squared error")
    first, right = scores.first_hits(1)
    report.add(
        f"{name}.first_hit.ece", reliability.expected_calibration_error(first, right), "share"
    )
    report.add(f"{name}.first_hit.said", mean(first), "share")
    report.add(f"{name}.first_hit.right", mean(right), "share")
    report.add(f"{name}.confident_from", confident_from, "share")
    sure = [p >= confident_from for p, is_right in zip(first, right, strict=True) if is_right]
    report.add(f"{name}.confident_from.right_first_hits_kept", mean(sure), "share")
    for cut in (*CUTS, confident_from):
        label = f"{name}.from_{cut:.2f}" if cut in CUTS else f"{name}.confident_from"
        is_right_above = [
            is_right for p, is_right in zip(probabilities, outcomes, strict=True) if p >= cut
        ]
        if is_right_above:
            report.add(f"{label}.precision", mean(is_right_above), "share")
        report.add(f"{label}.recall", sum(is_right_above) / len(scores.hits), "share")
        share = mean([p >= cut for p in first])
        report.add(f"{label}.queries_with_a_hit", share, "share")
        unrelated = mean([p >= cut for p in scores.best_unrelated])
        report.add(f"{label}.unrelated_with_a_hit", unrelated, "share")
    report.add(f"{name}.unrelated.best_p50", percentile(scores.best_unrelated, 50), "share")
    report.add(f"{name}.unrelated.best_p95", percentile(scores.best_unrelated, 95), "share")


def report_single_feature(
    report: Report, searched: Sequence[SearchedPhoto], registry: Registry, feature: str
) -> None:
    """Report the calibration error of one feature by itself."""
    is_fitted = splits(searched)["by_product"]
    only = [replace(one, example=_only(one.example, feature)) for one in searched]
    hits_scored = sum(feature in scores for one in only for _, scores in one.example.hits)
    if hits_scored < fitting.MIN_QUERIES:
        log_progress(f"{feature}: spoke of {hits_scored} hits, too few to judge")
        return
    line = fitting.fit_score_model([one.example for one in only if is_fitted(one)], registry)
    probabilities, outcomes = judge_scores(
        [one.example for one in only if not is_fitted(one)], line
    ).first_hits(PAGE)
    report.add(
        f"{feature}.ece",
        reliability.expected_calibration_error(probabilities, outcomes),
        "share",
        ECE,
    )


def _only(example: CalibrationExample, feature: str) -> CalibrationExample:
    hits = tuple((key, {feature: s[feature]}) for key, s in example.hits if feature in s)
    return replace(example, hits=hits)


def report_served_scores(
    report: Report, space: Workspace, catalogue: Catalogue, searched: Sequence[SearchedPhoto]
) -> None:
    """Report how far served scores are from the model's, and that `min_score` is respected."""
    is_fitted = splits(searched)["by_product"]
    examples = [photo.example for photo in searched if is_fitted(photo)]
    products = catalogue.summary()["products"]
    background = measurement.read_cohort(catalogue, space.registry)
    fitted = fitting.build_calibration(
        examples,
        space.registry,
        feature=measurement.FEATURE,
        cohort=list(background.values),
        source="photos",
        products=products,
    )
    catalogue.store_calibration(fitted)
    line = ScoreModel(fitted.bias, fitted.lift, fitted.weights)
    judging = [photo for photo in searched if not is_fitted(photo)]
    judging = judging[:: max(1, len(judging) // SAMPLE)]
    differences, below = [], 0
    with space.services() as services:
        for searched_photo in judging:
            image = searched_photo.photo.path.read_bytes()
            parameters = SearchParameters(size=PAGE)
            request = SearchRequest(parameters, (image,))
            answer = services.searcher.search(request)
            expected = dict(_probabilities(searched_photo.example, line))
            differences += [abs(hit.score - expected[hit.id]) for hit in answer.results.hits]
            cut = services.searcher.search(
                replace(
                    request,
                    parameters=SearchParameters(size=PAGE, min_score=fitted.confident_from),
                )
            )
            below += sum(hit.score < fitted.confident_from for hit in cut.results.hits)
    report.add("application.apart", max(differences), "probability", AGREE)
    report.add("application.below_min_score", below, "hits", at_most(0))
    report.add("application.searches", len(judging), "searches", at_least(1))


def _probabilities(example: CalibrationExample, line: ScoreModel) -> Iterator[tuple[str, float]]:
    for key, scores in example.hits:
        yield key, line.probability(example.background, scores)


def draw_reliability(path: Path, scores: JudgedScores) -> None:
    """Draw the reliability of the first pages over all splits."""
    probabilities, outcomes = scores.first_hits(PAGE)
    bins = reliability.bins(probabilities, outcomes)
    path.write_text(reliability.plot(bins, "P(relevant), first page"), encoding="utf-8")
