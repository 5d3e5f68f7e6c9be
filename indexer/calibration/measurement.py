"""Measures the calibration of an index by labelled queries."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from core.command_line import skip_line
from core.environment import Environment
from core.errors import InvalidSetting
from core.progress import Say, Work, show_progress
from features.capabilities import Measurable
from features.imaging.decode import UPLOAD_LIMITS
from features.imaging.sandbox import Sandbox
from features.registry import Registry
from indexer.calibration import labelled_queries
from indexer.calibration.examples import CalibrationExample, LabelledQuery, run_queries
from indexer.calibration.fitting import build_calibration
from indexer.calibration.labelled_queries import SkippedPhoto
from mappings.catalogue import cohort as backgrounds
from mappings.catalogue.calibration import Calibration
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.cohort import CohortBackground
from mappings.search.weights import from_env, resolve_weights

FEATURE = "embedding"
"""The feature of the background distance, because it has a value for nearly every picture."""


def measure(
    catalogue: Catalogue, registry: Registry, environment: Environment, photos: Path | None
) -> Calibration:
    """Measure the calibration by labelled photos, or else by the catalogue's further pictures.

    Raises TooFewPhotos, FeedUnreadable, and InvalidSetting if FEATURE is not loaded.
    """
    background = read_cohort(catalogue, registry)
    weights = resolve_weights(from_env(environment), registry)
    if photos is None:
        queries = labelled_queries.catalogue_queries(catalogue, registry)
        examples = collect_examples(queries, catalogue, registry, weights, background)
    else:
        with Sandbox(1, UPLOAD_LIMITS) as decoder:
            extracted = labelled_queries.extract_queries(
                labelled_queries.read_photos(photos), registry, decoder
            )
            examples = collect_examples(extracted, catalogue, registry, weights, background)
    return build_calibration(
        examples,
        registry,
        feature=FEATURE,
        cohort=list(background.values),
        source="views" if photos is None else "photos",
        products=catalogue.summary()["products"],
    )


def read_cohort(catalogue: Catalogue, registry: Registry) -> CohortBackground:
    """Read the cohort that queries are compared with. Raises InvalidSetting without FEATURE."""
    feature = registry.get(FEATURE)
    if feature is None or not isinstance(feature, Measurable):
        raise InvalidSetting(f"calibration needs the feature {FEATURE}: see LOOKALIKE_FEATURES")
    return backgrounds.read_background(catalogue, backgrounds.choose_cohort(catalogue), feature)


def collect_examples(
    queries: Iterable[LabelledQuery | SkippedPhoto],
    catalogue: Catalogue,
    registry: Registry,
    weights: dict[str, float],
    background: CohortBackground,
) -> list[CalibrationExample]:
    """Run the queries and return the examples; shows progress and names what is skipped."""
    examples: list[CalibrationExample] = []
    with show_progress(Work("calibrating", "queries")) as progress:
        usable = _usable(queries, progress.say)
        for example in run_queries(usable, catalogue, registry, weights, background):
            progress.advance(1)
            if example is not None:
                examples.append(example)
    return examples


def _usable(queries: Iterable[LabelledQuery | SkippedPhoto], say: Say) -> Iterator[LabelledQuery]:
    for query in queries:
        if isinstance(query, SkippedPhoto):
            say(skip_line(query.path, query.reason))
        else:
            yield query
