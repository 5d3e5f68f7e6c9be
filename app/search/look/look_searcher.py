"""Searches with every part of a photo at once: one request to Elasticsearch for all of them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from app.search.earlier_pictures import EarlierPart, part_query_id, part_text
from app.search.feature_cache import CachedQuery, QueryFeatureCache
from app.search.look.part_names import CATEGORY, shared_category
from app.search.look.reading_order import in_reading_order
from app.search.query_extractor import ExtractedFeatures, QueryExtractor
from app.search.query_pictures import QueryPictures
from app.search.query_runner import QueryRunner
from app.search.search_answer import is_confident
from app.search.search_parameters import SearchParameters
from app.search.searcher import Searcher
from app.search.word_reader import WordReader
from features.base import Json, Picture, Region
from features.regions.finders import RegionFinderChain
from features.regions.overlap import middle_distance
from mappings.catalogue import versions
from mappings.catalogue.scale import Scale
from mappings.search.query import Query
from mappings.search.results import Hit, Results

MOST_PARTS = 6
SAME_DOT = 0.08
"""Distance of two parts' middles, in shares of the picture, below which their dots would point at
one thing: 28 pixels, a dot's width, where the photo has 350. Where it is drawn smaller, the page
moves dots apart."""

NEAREST_HITS = 3
"""Hits of a part that nothing looks like: those that come closest."""


@dataclass(frozen=True)
class PhotoPart:
    """A part of a photo with its best matches.

    `category` is the path that most of them are in, as most products write it; "" where they do not
    agree. `is_looser` says that nothing looks like the part, so that the closest are listed;
    `low_confidence` that the best match is a guess. `scale` says what the hits' scores mean.
    """

    region: Region
    category: str
    hits: tuple[Hit, ...]
    scale: Scale
    is_looser: bool
    low_confidence: bool


@dataclass(frozen=True)
class Look:
    """The parts of a photo in reading order, and how long finding and searching them took."""

    parts: tuple[PhotoPart, ...]
    regions_ms: float
    features_ms: float
    engine_ms: float


def separate_regions(regions: Sequence[Region]) -> list[Region]:
    """Return the regions without those whose dots would point at what an earlier one's does."""
    distinct: list[Region] = []
    for region in regions:
        if all(middle_distance(region.box, other.box) >= SAME_DOT for other in distinct):
            distinct.append(region)
    return distinct


class LookSearcher:
    """Answers all parts of a photo. Thread-safe; one per worker and model."""

    def __init__(
        self,
        searcher: Searcher,
        extractor: QueryExtractor,
        finders: RegionFinderChain,
        cache: QueryFeatureCache,
        words: WordReader,
    ) -> None:
        self._searcher = searcher
        self._extractor = extractor
        self._finders = finders
        self._cache = cache
        self._words = words
        self._runner = QueryRunner(searcher.catalogue, searcher.registry, words)
        self._model_tag = versions.models_tag(searcher.registry)

    def search(
        self,
        photo: bytes,
        parameters: SearchParameters,
        most: int = MOST_PARTS,
        photo_name: str = "",
    ) -> Look:
        """Return at most `most` parts, each with at most `parameters.size` matches.

        Of the parameters, filters, prices, size and collapsing count. Where the photo is stored
        under `photo_name`, the features of its parts are cached, so that a later search with one
        need not extract them. Raises what a search raises.
        """
        parameters = parameters.model_copy(
            update={"q": "", "picture": None, "crop": [], "facets": [], "page": 1, "cursor": None}
        )
        picture = self._extractor.decode(photo)
        began = time.perf_counter()
        regions = in_reading_order(separate_regions(self._finders.find_regions(picture, most)))
        found = time.perf_counter()
        names = self._searcher.feature_names(parameters)
        extracted = [self._features(picture, one, names, photo_name) for one in regions]
        done = time.perf_counter()
        prepared = [
            self._searcher.query(parameters, QueryPictures(photos=(features,)))
            for features in extracted
        ]
        pages = self._runner.run_together([query for query, _ in prepared])
        parts = tuple(
            self._part(region, query, limit, page)
            for region, (query, limit), page in zip(regions, prepared, pages, strict=True)
            if query.signals
        )
        return Look(
            parts,
            regions_ms=1000 * (found - began),
            features_ms=1000 * (done - found),
            engine_ms=1000 * (time.perf_counter() - done),
        )

    def _features(
        self, picture: Picture, region: Region, names: Sequence[str], photo_name: str
    ) -> ExtractedFeatures:
        """Return the features of one part; from the cache where a search had them before."""
        if not photo_name:
            return self._extractor.extract(picture, region.box, names)
        part = EarlierPart(0, part_text(region.box), is_other=True)
        source = CachedQuery("", self._model_tag, ({},), photos=(photo_name,))
        key = part_query_id(source, [part])
        known = self._cache.find(key)
        if known is not None and self._cache.is_usable(known):
            (values,) = known.pictures
            return ExtractedFeatures(values)
        features = self._extractor.extract(picture, region.box, names)
        values_of_part: list[dict[str, Json]] = [dict(features.values)]
        self._cache.store(key, values_of_part, None, [photo_name], [part.crop])
        return features

    def _part(self, region: Region, query: Query, limit: float | None, page: Results) -> PhotoPart:
        alike = [hit for hit in page.hits if limit is None or hit.score >= limit]
        hits = alike or list(page.hits[:NEAREST_HITS])
        category = shared_category(alike)
        if category:
            (category,) = self._words.labels(CATEGORY, [category])
        return PhotoPart(
            region,
            category,
            tuple(hits),
            query.scale,
            is_looser=not alike,
            low_confidence=not any(
                is_confident(hit, query.scale, self._searcher.registry) for hit in hits[:1]
            ),
        )
