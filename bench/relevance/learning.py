"""Measure what labelled photos bring: a trained head, photos attached to products, or both.

    official     train on the photos whose split is `train`, search with all others
    unseen       train on half the products, search with photos of the other half among those
                 alone; four folds, so every product is unseen twice
    attach.N     attach N photos of each product, none of them a query, as views of it;
                 `elsewhere` splits officially, `bursts` by whole bursts with nothing trained

No query has a near-identical photo on the other side, except a few of the official split
(`leaks`), whose photos come from different shops or days. Photos of different bursts are mostly of
the same shop, as a shop's own photos will be. Figures are means over seeds, which choose batches,
attached photos and folds. `glance` is one view of every picture, `closer` the mean of five
(`LOOKALIKE_EMBEDDING_VIEWS=5`, `accurate=true`). Everything is ranked by brute force; `street2shop`
shows, with a head or with `--attach`, that the index ranks the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from bench.options import FILE
from bench.report import Limit, Report, at_least, reporting
from bench.statistics.metrics import mean
from core.environment import Environment
from features.embedding.feature import create
from features.embedding.head import Array, Head
from features.embedding.training.evaluation import RetrievalAccuracy, measure_accuracy
from features.embedding.training.labelled_vectors import LabelledVectors, Labels
from features.embedding.training.splits import PhotoOrigin, hold_out
from features.embedding.training.tensorflow_loading import load_tensorflow
from features.imaging.decode import FEED_LIMITS, decode
from indexer.feeds.feed import open_feed
from indexer.training import photo_list, picture_sources
from indexer.training.learning import TrainingSet, build_training_set, open_vector_cache

LOOK_NAMES = ("glance", "closer")
"""Names of the sample's numbers of views, in their order."""

FOLDS = 4
ATTACHED = (1, 5, 10)

LIMITS: Mapping[str, Limit] = {
    "official.head.closer.top1": at_least(0.80),
    "official.head.closer.top5": at_least(0.96),
    "unseen.head.closer.top1": at_least(0.58),
    "attach.10.bursts.backbone.closer.top1": at_least(0.81),
}
"""Limits for the grocery data."""


@dataclass(frozen=True)
class LearningTrial:
    """The sample to train on, and the sample whose photos search its catalogue."""

    training: LabelledVectors
    queries: LabelledVectors

    def figures(
        self, head: Head, views: LabelledVectors | None = None
    ) -> Iterator[tuple[str, RetrievalAccuracy]]:
        """Yield the accuracy by number of views, with `views` attached to their products."""
        for look, name in enumerate(LOOK_NAMES):
            catalogue_vectors = head.transform_catalogue(self.queries.catalogue[:, look])
            labels = self.queries.catalogue_labels
            if views is not None:
                catalogue_vectors = np.concatenate(
                    [catalogue_vectors, head.transform_stored_photos(views.photos[:, look])]
                )
                labels = np.concatenate([labels, views.labels])
            query_vectors = head.transform_queries(self.queries.photos[:, look])
            yield (
                name,
                measure_accuracy(query_vectors, self.queries.labels, catalogue_vectors, labels),
            )


@click.command("learning")
@click.option("--products", type=FILE, required=True, help="Product feed, as the indexer reads it.")
@click.option("--queries", type=FILE, required=True, help="Labelled photos with a column split.")
@click.option("--loss", default="contrastive", show_default=True)
@click.option("--seeds", type=click.IntRange(1), default=1, show_default=True)
@click.option("--markdown", is_flag=True, help="Print table rows instead of JSON.")
def command(products: Path, queries: Path, loss: str, seeds: int, markdown: bool) -> None:
    """Train on labelled photos, and measure accuracy on photos and products left out."""
    with reporting("learning", markdown=markdown) as report:
        training_set = extract_sample(products, queries)
        held_out_split = hold_out(
            "column",
            training_set.vectors.photos[:, 0],
            training_set.vectors.labels,
            training_set.origins,
        )
        report.sizes |= {
            "products": len(training_set.vectors.catalogue),
            "learned": int((~held_out_split.held_out).sum()),
            "asked": int(held_out_split.held_out.sum()),
            "leaks": held_out_split.leaks,
            "seeds": seeds,
        }
        official = LearningTrial(
            training_set.vectors.with_photos(~held_out_split.held_out),
            training_set.vectors.with_photos(held_out_split.held_out),
        )
        is_judged = loss == "contrastive"
        report_means(report, list(measure_official_split(official, loss, seeds)), is_judged)
        report_means(report, list(measure_attached_bursts(training_set.vectors, seeds)), is_judged)
        report_means(
            report, list(measure_unseen_products(training_set.vectors, loss, seeds)), is_judged
        )


def extract_sample(products: Path, queries: Path) -> TrainingSet:
    """Return the training set of a feed and a list of photos, by the configured model."""
    environment = Environment({**Environment.current().values, "LOOKALIKE_EMBEDDING_HEAD": ""})
    vectors = open_vector_cache(
        create(environment),
        environment.cache_dir() / "vectors",
        lambda data: decode(data, FEED_LIMITS),
    )
    return build_training_set(
        photo_list.read_photos(queries), picture_sources.feed_pictures(open_feed(products)), vectors
    )


Figures = Iterator[tuple[str, RetrievalAccuracy]]


def measure_official_split(trial: LearningTrial, loss: str, seeds: int) -> Figures:
    """Yield the accuracy on the official split: bare, centred, trained, with attached photos."""
    for seed in range(1, seeds + 1):
        for name, head in train_heads(trial.training, loss, seed).items():
            for look, accuracy in trial.figures(head):
                yield f"official.{name}.{look}", accuracy
            for count in ATTACHED:
                views = choose_attached(trial.training, count, seed)
                for look, accuracy in trial.figures(head, views):
                    yield f"attach.{count}.elsewhere.{name}.{look}", accuracy


def measure_attached_bursts(sample: LabelledVectors, seeds: int) -> Figures:
    """Yield the accuracy with attached photos of other bursts and nothing trained but means."""
    for seed in range(1, seeds + 1):
        nobody = [PhotoOrigin()] * len(sample.photos)
        held_out_split = hold_out("bursts", sample.photos[:, 0], sample.labels, nobody, seed)
        trial = LearningTrial(
            sample.with_photos(~held_out_split.held_out),
            sample.with_photos(held_out_split.held_out),
        )
        for count in ATTACHED:
            views = choose_attached(trial.training, count, seed)
            for name, head in untrained_heads(trial.training).items():
                for look, accuracy in trial.figures(head, views):
                    yield f"attach.{count}.bursts.{name}.{look}", accuracy


def measure_unseen_products(sample: LabelledVectors, loss: str, seeds: int) -> Figures:
    """Yield the accuracy on products that were not trained on, searched among those alone."""
    labels = np.unique(sample.catalogue_labels)
    for seed in range(1, seeds + 1):
        order = np.random.default_rng(seed).permutation(labels)
        for fold in range(FOLDS):
            taught = np.roll(order, fold * len(order) // FOLDS)[: (len(order) + 1) // 2]
            trial = LearningTrial(_of(sample, taught), _of(sample, np.setdiff1d(labels, taught)))
            for name, head in train_heads(trial.training, loss, seed).items():
                for look, accuracy in trial.figures(head):
                    yield f"unseen.{name}.{look}", accuracy


def train_heads(learned: LabelledVectors, loss: str, seed: int) -> Mapping[str, Head]:
    """Return the bare backbone, the centred one, and the trained head."""
    # No other bench needs TensorFlow.
    load_tensorflow()
    from features.embedding.training.projection import ProjectionConfig, fit_projection  # noqa: PLC0415

    fitted = fit_projection(learned, ProjectionConfig(loss=loss, seed=seed))
    return {**untrained_heads(learned), "head": fitted}


def untrained_heads(learned: LabelledVectors) -> Mapping[str, Head]:
    """Return the bare backbone and the centred one."""
    shop, shoppers = learned.means()
    nothing = np.zeros_like(shop)
    return {"backbone": Head(nothing, nothing), "centred": Head(shop, shoppers)}


def choose_attached(learned: LabelledVectors, count: int, seed: int) -> LabelledVectors:
    """Return up to `count` random photos of each product."""
    chance = np.random.default_rng(seed)
    is_chosen = np.zeros(len(learned.labels), bool)
    for label in np.unique(learned.labels):
        is_chosen[chance.permutation(np.flatnonzero(learned.labels == label))[:count]] = True
    return learned.with_photos(is_chosen)


def report_means(
    report: Report, figures: Sequence[tuple[str, RetrievalAccuracy]], is_judged: bool
) -> None:
    """Report the mean of each figure over seeds and folds."""
    for name in dict.fromkeys(name for name, _ in figures):
        of_name = [one for label, one in figures if label == name]
        for rank in ("top1", "top5"):
            share = mean([getattr(one, rank) for one in of_name])
            limit = LIMITS.get(f"{name}.{rank}") if is_judged else None
            report.add(f"{name}.{rank}", share, "share", limit)


def _of(sample: LabelledVectors, labels: Labels) -> LabelledVectors:
    """Return the photos and the catalogue pictures of some products."""
    photos = np.isin(sample.labels, labels)
    is_in_catalogue = np.isin(sample.catalogue_labels, labels)
    looks: Array = sample.catalogue[is_in_catalogue]
    return LabelledVectors(
        sample.photos[photos],
        sample.labels[photos],
        looks,
        sample.catalogue_labels[is_in_catalogue],
    )
