"""Compare preparations of query pictures by brute force over all photos.

A variant is parts joined by ``+``. Decoding, steps, views and heads are the application's own.
`street2shop` shows that the index ranks as brute force does.

    none              one view, unchanged
    denoise, contrast, background   the photo goes through that step first
    accurate          five views of the photo
    five-crop         five views of both; `LOOKALIKE_EMBEDDING_VIEWS=5` and `accurate=true`
    ten-crop          ten views of the shop's picture, five of the photo
    centred           both sides centred on their own means
    centred-others    the same, with the photos' mean from photos of other products
    levelled          centred, with hubness correction: what `python -m indexer centre` learns

The means are learned from photos that are not queries, twice, with the halves swapped. A half is
the first half of each product's photos in the list's order (where photos of one burst are
neighbours), or the photos of every other product.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.data.query_photos import QueryPhoto
from bench.relevance import brute_force
from bench.report import Limit, Report, at_least, log_progress
from bench.statistics.metrics import average_precision, is_within, mean
from core.errors import UnknownName
from features.base import Picture
from features.embedding.centring import learn_centring
from features.embedding.feature import ACCURATE_VIEWS, Embedding
from features.embedding.head import Array
from features.imaging.decode import decode
from features.imaging.preparation.steps import STEPS, apply_steps

VIEWS: Mapping[str, tuple[int, int]] = {
    "accurate": (1, ACCURATE_VIEWS),
    "five-crop": (5, ACCURATE_VIEWS),
    "ten-crop": (10, ACCURATE_VIEWS),
}
"""Number of views of a shop's picture, and of a photo."""

CENTRED = ("centred", "centred-others", "levelled")
PARTS = ("none", *STEPS, *VIEWS, *CENTRED)
AT_ONCE = 16

LIMITS: Mapping[str, Mapping[int, Limit]] = {
    "levelled+five-crop": {1: at_least(0.47), 5: at_least(0.80)},
}
"""Recall@k over all photos; set for the grocery data."""


@dataclass(frozen=True)
class PreparationVariant:
    """The preparation of both sides. `learned_part` is the part of CENTRED to learn, or None."""

    name: str
    steps: tuple[str, ...] = ()
    stored_views: int = 1
    query_views: int = 1
    learned_part: str | None = None


def parse_variant(name: str) -> PreparationVariant:
    """Parse a name such as ``denoise+centred+five-crop``.

    Raises UnknownName.
    """
    parts = [part.strip() for part in name.split("+")]
    for part in parts:
        if part not in PARTS:
            raise UnknownName("variant", part, PARTS)
    stored_views, query_views = next((VIEWS[part] for part in parts if part in VIEWS), (1, 1))
    halves = next((part for part in parts if part in CENTRED), None)
    return PreparationVariant(
        name, tuple(part for part in parts if part in STEPS), stored_views, query_views, halves
    )


@dataclass(frozen=True)
class PreparationComparison:
    """Measures variants over the same photos and shop pictures; caches the vectors."""

    embedding: Embedding
    feed_pictures: Sequence[QueryPhoto]
    photos: Sequence[QueryPhoto]
    _seen: dict[tuple[str, tuple[str, ...], int], Array] = field(default_factory=dict)

    def report(self, report: Report, names: Sequence[str], *, is_judged: bool) -> None:
        """Report top-1, top-5 and mean average precision of every variant."""
        for name in names:
            rankings = self.rankings(parse_variant(name))
            pairs = list(zip(rankings, self.photos, strict=True))
            limits = LIMITS.get(name, {}) if is_judged else {}
            for k in (1, 5):
                recall = mean([is_within(ranking, one.product_id, k) for ranking, one in pairs])
                report.add(f"prepare.{name}.top{k}", recall, "share", limits.get(k))
            precisions = [average_precision(ranking, {one.product_id}) for ranking, one in pairs]
            report.add(f"prepare.{name}.map", mean(precisions), "share")

    def rankings(self, variant: PreparationVariant) -> list[list[str]]:
        """Return for each photo the products, nearest first. Raises TooFewPhotos."""
        stored = self._vectors("shown", (), variant.stored_views)
        queries = self._vectors("asked", variant.steps, variant.query_views)
        owners = [one.product_id for one in self.feed_pictures]
        if variant.learned_part is None:
            return brute_force.rank_owners(queries, owners, stored)
        result: list[list[str]] = [[]] * len(queries)
        for half in self.halves(variant.learned_part):
            head = learn_centring(
                stored,
                queries[~half],
                self.embedding.backbone_identity(),
                correct_hubness=variant.learned_part == "levelled",
            )
            rankings = brute_force.rank_owners(
                head.transform_queries(queries[half]), owners, head.transform_catalogue(stored)
            )
            for number, ranking in zip(np.flatnonzero(half), rankings, strict=True):
                result[number] = ranking
        return result

    def halves(self, how: str) -> Iterator[NDArray[np.bool_]]:
        """Yield twice a mask of the query photos; the others are for learning."""
        ids = [one.product_id for one in self.photos]
        first = np.zeros(len(ids), np.bool_)
        for number, key in enumerate(sorted(set(ids))):
            of_product = [place for place, one in enumerate(ids) if one == key]
            if how != "centred-others":
                first[of_product[: len(of_product) // 2]] = True
            elif number % 2:
                first[of_product] = True
        yield first
        yield ~first

    def _vectors(self, side: str, steps: tuple[str, ...], views: int) -> Array:
        key = (side, steps, views)
        if key not in self._seen:
            photos = self.feed_pictures if side == "shown" else self.photos
            log_progress(
                f"{len(photos)} {side}, views: {views}, steps: {', '.join(steps) or 'none'}"
            )
            self._seen[key] = np.concatenate(
                [
                    self.embedding.backbone_vectors([_picture(one, steps) for one in some], views)
                    for some in _batches(photos)
                ]
            )
        return self._seen[key]


def _picture(photo: QueryPhoto, steps: tuple[str, ...]) -> Picture:
    return apply_steps(decode(photo.path.read_bytes()), steps)


def _batches(photos: Sequence[QueryPhoto]) -> Iterator[Sequence[QueryPhoto]]:
    return (photos[start : start + AT_ONCE] for start in range(0, len(photos), AT_ONCE))
