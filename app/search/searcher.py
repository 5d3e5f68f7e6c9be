"""One search from request to answer: extract, cache, plan, query Elasticsearch once, read."""

import time
from collections.abc import Sequence
from dataclasses import replace

from app.search.calibration_cache import CalibrationCache
from app.search.cursor import Cursor
from app.search.feature_cache import QueryFeatureCache, new_query_id
from app.search.likeness import LikenessLimits
from app.search.photo_store import PhotoStore
from app.search.price_reader import PriceReader
from app.search.query_extractor import QueryExtractor
from app.search.query_pictures import QueryPictureResolver, QueryPictures
from app.search.query_runner import QueryRunner
from app.search.repeated_pictures import RepeatedPictures
from app.search.search_answer import SearchAnswer, is_confident, is_truncated
from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from app.search.settings import SearchSettings
from app.search.signal_builder import SignalBuilder, resolve_measures
from app.search.statistics_cache import StatisticsCache
from app.search.word_reader import WordReader, conditions
from core.errors import InvalidQuery
from features.base import Json
from features.registry import Registry
from mappings.catalogue import versions
from mappings.catalogue.analysis import normalise
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import ITEM_GROUP
from mappings.catalogue.scale import UNCALIBRATED
from mappings.events.ubi_mapping import photo_feature
from mappings.planning.planner import Planner, graph_features
from mappings.planning.statistics import Bounds, IndexStatistics, count_body
from mappings.search import filters as metadata
from mappings.search.collapsing import BY_VARIANTS, MAX_RESULT_WINDOW
from mappings.search.filters import Filters
from mappings.search.plan import Plan
from mappings.search.query import TEXT, Query, Signal
from mappings.search.shown_text import READ_TEXT, without_words
from mappings.search.weights import resolve_weights

NEAREST_HITS = 12
"""Hits shown where nothing looks like the picture: those that come closest."""


class Searcher:
    """Answers searches. Thread-safe; one per worker."""

    def __init__(
        self,
        registry: Registry,
        catalogue: Catalogue,
        extractor: QueryExtractor,
        statistics: StatisticsCache,
        cache: QueryFeatureCache,
        photo_store: PhotoStore,
        words: WordReader,
        settings: SearchSettings,
        repeated: RepeatedPictures,
        model: str = "",
    ) -> None:
        """`model` is the name of the registry's embedding model."""
        self.registry = registry
        self.model = model
        self.catalogue = catalogue
        self._statistics = statistics
        self._words = words
        self._prices = PriceReader(catalogue, words, settings.exchange_rates)
        self._runner = QueryRunner(catalogue, registry, words)
        self._calibration = CalibrationCache(catalogue, registry, settings.statistics_max_age_s)
        self._resolver = QueryPictureResolver(
            registry, extractor, cache, photo_store, catalogue, settings.max_pictures, repeated
        )
        self._likeness = LikenessLimits(catalogue, settings.statistics_max_age_s)
        self._settings = settings
        self._weights = resolve_weights(settings.weights, registry)
        self._model_tag = versions.models_tag(registry)

    def index_statistics(self) -> IndexStatistics:
        """Return the index's latest counts. Raises what `StatisticsCache.current` does."""
        return self._statistics.current()

    def feature_names(self, parameters: SearchParameters) -> tuple[str, ...]:
        """Return the features that a search compares pictures by. Raises UnknownName."""
        return self._builder(parameters).feature_names()

    def query(
        self, parameters: SearchParameters, pictures: QueryPictures
    ) -> tuple[Query, float | None]:
        """Return the query for pictures that are extracted already, and its likeness limit.

        The limit is the score from which a hit looks like the picture; None where it cannot be
        told. Raises InvalidQuery and UnknownName.
        """
        query, _ = self._query(
            SearchRequest(parameters),
            self._builder(parameters),
            pictures,
            self._statistics.current(),
        )
        limit = self._likeness.engine_score(query)
        return query, None if limit is None else query.scale.displayed_score(limit)

    def _builder(self, parameters: SearchParameters) -> SignalBuilder:
        measures = resolve_measures(parameters.similarity, self.registry)
        return SignalBuilder(parameters, self.registry, self._weights, measures)

    def search(self, request: SearchRequest) -> SearchAnswer:
        """Return one page. Raises InvalidQuery, UnknownName, NotFound and image errors."""
        started = time.perf_counter()
        query_id = new_query_id()
        parameters, cursor = request.parameters, request.parameters.cursor
        if cursor is not None and cursor.model_tag not in ("", self._model_tag):
            raise InvalidQuery("the cursor belongs to another model; search again without it")
        if (parameters.page - 1) * parameters.size >= MAX_RESULT_WINDOW:
            raise InvalidQuery(f"page: pages end after {MAX_RESULT_WINDOW:,} hits; use filters")
        builder = self._builder(parameters)
        names = builder.feature_names()
        statistics = self._statistics.current()
        reads_text = parameters.read_text != "no" and builder.weight(READ_TEXT) > 0
        pictures = self._resolver.resolve(request, names, query_id, reads_text=reads_text)
        query, plan_ms = self._query(request, builder, pictures, statistics)
        wide, limit = query, None
        if parameters.alike_only and (limit := self._likeness.engine_score(query)) is not None:
            query = replace(
                query, min_score=max(query.min_score, query.scale.displayed_score(limit))
            )
        digest = request.digest(repr(query.scale))
        if cursor is not None:
            cursor.check(digest, parameters.picture, parameters.unlike_picture)
        queried = time.perf_counter()
        is_literal = parameters.literal or bool(pictures.positives)
        run = self._runner.run(query, is_literal=is_literal)
        is_looser = limit is not None and run.page.products == 0
        if is_looser:
            nearest = replace(wide, size=min(NEAREST_HITS, wide.size), skip=0)
            run = self._runner.run(nearest, is_literal=is_literal)
            run = replace(run, page=run.page.only())
        query, page = run.query, run.page
        ended = time.perf_counter()
        number = cursor.page if cursor else parameters.page
        extracted = (*pictures.positives, *pictures.negatives)
        following = Cursor(
            page.after or (),
            digest,
            page.skip or 0,
            pictures.picture_id,
            pictures.unlike_picture_id,
            number + 1,
            self._model_tag if extracted else "",
        )
        is_last = page.after is None and page.skip is None
        return SearchAnswer(
            query_id=query_id,
            results=page,
            plan=query.plan,
            took_ms=1000 * (ended - started),
            stages_ms={
                "decode": sum(picture.decode_ms for picture in extracted),
                "features": sum(picture.features_ms for picture in extracted),
                "engine": 1000 * (ended - queried),
            },
            features=tuple(dict.fromkeys(s.feature.name for s in query.signals)),
            pictures=len(pictures.positives),
            scale=query.scale,
            page=number,
            picture=pictures.picture_id,
            photos=pictures.photo_names,
            unlike_picture=pictures.unlike_picture_id,
            next_cursor=None if is_last else following.encode(),
            no_signal=not (query.signals or query.words or query.browse),
            low_confidence=bool(pictures.positives)
            and not any(is_confident(hit, query.scale, self.registry) for hit in page.hits[:1]),
            is_truncated=is_truncated(page, query.plan),
            plan_ms=plan_ms,
            body=run.body,
            model=self.model,
            reading=query.understood,
            corrections=query.corrections,
            is_relaxed=run.is_relaxed,
            read_text=query.read_text,
            has_likeness_limit=limit is not None and not is_looser,
            is_looser=is_looser,
            photo_hash=self._photo_hash(pictures),
            assignment=request.assignment,
        )

    def _photo_hash(self, pictures: QueryPictures) -> Json:
        feature = photo_feature(self.registry)
        if feature is None or not pictures.photos:
            return None
        return pictures.photos[0].values.get(feature.name)

    def _query(
        self,
        request: SearchRequest,
        builder: SignalBuilder,
        pictures: QueryPictures,
        statistics: IndexStatistics,
    ) -> tuple[Query, float]:
        """Return the query for Elasticsearch, and how long planning took, in milliseconds.

        Raises InvalidQuery and UnknownName.
        """
        parameters = request.parameters
        words = normalise(parameters.q)
        reading = self._words.read(parameters.q)
        is_beside = bool(pictures.positives)
        multiplier = builder.words_multiplier(beside_pictures=is_beside)
        words_weight = builder.weight(TEXT) * multiplier
        browse = not is_beside and not parameters.q.strip()
        if browse and request.has_negatives:
            raise InvalidQuery(
                "negative examples only say what to find less of: add a picture, a product or "
                "words to search for"
            )
        filters = metadata.build_filters(
            {name: tuple(values) for name, values in parameters.filter.items()},
            self.registry,
            self.catalogue.fields,
            price_min=parameters.price_min,
            price_max=parameters.price_max,
            exclude=parameters.exclude,
        )
        filters = self._prices.filters(filters, reading, parameters.product_id, parameters.currency)
        if is_beside and words_weight > 0:
            filters = replace(filters, conditions=conditions(reading))
        if without := (*parameters.product_id, *parameters.unlike_product_id):
            filters = replace(filters, excluded_ids=without)
        if parameters.collapse in BY_VARIANTS and ITEM_GROUP not in parameters.filter:
            filters = filters.without_values(ITEM_GROUP, pictures.item_groups)
        calibration = self._calibration.current()
        scale = builder.scale(pictures, calibration)
        weights = (
            calibration.calibration.weights if calibration and scale is not UNCALIBRATED else {}
        )
        # What other features are asked: the words that decide, without "same", "but" and prices.
        spoken = " ".join(reading.surface(part) for part in reading.required)
        signals = (
            *builder.picture_signals(pictures, weights, names_colour=reading.names_colour()),
            *builder.word_signals(spoken, multiplier),
        )
        began = time.perf_counter()
        plan = self._plan(statistics, filters, signals, browse, request)
        plan_ms = 1000 * (time.perf_counter() - began)
        cursor = parameters.cursor or Cursor()
        query = Query(
            plan=plan,
            signals=signals,
            words=words if words_weight > 0 else "",
            words_weight=words_weight,
            read_text=without_words(pictures.text, parameters.ignore_text),
            read_text_weight=builder.weight(READ_TEXT),
            reading=reading,
            combine=parameters.combine,
            unlike=tuple(builder.negative_signals(pictures)),
            unlike_weight=parameters.unlike_weight,
            scale=scale,
            filters=filters,
            facets=tuple(parameters.facets),
            size=parameters.size,
            min_score=parameters.min_score,
            after=cursor.after or None,
            collapse=parameters.collapse,
            skip=cursor.skip or (parameters.page - 1) * parameters.size,
            browse=browse,
            order=parameters.sort,
            now_ms=round(1000 * time.time()),
            fields=self.catalogue.fields,
        )
        return query, plan_ms

    def _plan(
        self,
        statistics: IndexStatistics,
        filters: Filters,
        signals: Sequence[Signal],
        browse: bool,
        request: SearchRequest,
    ) -> Plan:
        bounds = statistics.bounds(filters)
        if browse:
            return Plan("browse", bounds.high)
        if not any(signal.is_near for signal in signals):
            return Plan("words", bounds.high)
        searched = graph_features((s.feature, s.value, s.measure) for s in signals)
        promised = request.recall or self._settings.promised_recall
        size = request.parameters.size
        planner = Planner(statistics, searched, size=size, promised=promised)
        if planner.is_worth_counting(bounds):
            count = self.catalogue.search(count_body(filters))["hits"]["total"]["value"]
            bounds = Bounds(count, count)
        return planner.plan(bounds)
