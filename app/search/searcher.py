"""One search from request to answer: look, remember, plan, ask once, read."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app import cursor as cursors
from app.search import feature_cache
from app.search.calibration_cache import CalibrationCache
from app.search.query_extractor import QueryExtractor
from app.search.query_pictures import QueryPictureResolver, QueryPictures
from app.search.search_request import SearchRequest
from app.search.signal_builder import SignalBuilder, resolve_measures
from app.search.statistics_cache import StatisticsCache
from app.settings import CONFIDENT_EMBEDDING_SCORE, AppSettings
from core.errors import InvalidQuery
from features.base import Conclusive, Json
from features.registry import Registry
from features.vector import finds_words
from mappings.catalogue import versions
from mappings.catalogue.analysis import normalise
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.scale import UNCALIBRATED, Scale
from mappings.planning.planner import Planner, graph_features
from mappings.planning.statistics import Bounds, IndexStatistics, count_body
from mappings.search import filters as metadata
from mappings.search import request_body as queries
from mappings.search import results
from mappings.search.filters import Filters
from mappings.search.plan import Plan
from mappings.search.query import ABOUT_WORDS, TEXT, Query, Signal
from mappings.search.results import Hit, Results


@dataclass(frozen=True)
class SearchAnswer:
    """One page, with everything the caller and the search log need to know about it.

    `scale` says what the scores mean. `no_signal` says that pictures or words were given and
    nothing could be seen in them; `low_confidence` that the best hit is a guess; `cut` that no page
    follows although there may be more: only so many neighbours were looked for. `body` is what was
    asked of Elasticsearch.
    """

    query_id: str
    results: Results
    plan: Plan
    took_ms: float
    stages_ms: Mapping[str, float]
    features: tuple[str, ...]
    pictures: int
    scale: Scale = UNCALIBRATED
    page: int = 1
    picture: str | None = None
    unlike_picture: str | None = None
    next_cursor: str | None = None
    no_signal: bool = False
    low_confidence: bool = False
    is_truncated: bool = False
    plan_ms: float = 0.0
    body: Json = None
    model: str = ""


class Searcher:
    """Answers searches. Thread-safe; one per worker."""

    def __init__(
        self,
        registry: Registry,
        catalogue: Catalogue,
        eyes: QueryExtractor,
        census: StatisticsCache,
        memory: feature_cache.QueryFeatureCache,
        settings: AppSettings,
        model: str = "",
    ) -> None:
        """`model` is what people call the model of the registry's embedding."""
        self.registry = registry
        self.model = model
        self.catalogue = catalogue
        self._census = census
        self._calibrated = CalibrationCache(catalogue, registry, settings.statistics_max_age_s)
        self._looking = QueryPictureResolver(
            registry, eyes, memory, catalogue, settings.max_pictures
        )
        self._settings = settings
        self._tag = versions.models_tag(registry)

    def search(self, request: SearchRequest) -> SearchAnswer:
        """Return one page. Raises InvalidQuery, UnknownName, NotFound and image errors."""
        started = time.perf_counter()
        query_id = feature_cache.new_query_id()
        at = cursors.decode_cursor(request.cursor) if request.cursor else None
        if at is not None and at.model_tag not in ("", self._tag):
            raise InvalidQuery("the cursor is of another model; begin again without it")
        request = replace(request, measures=resolve_measures(request.measures, self.registry))
        asking = SignalBuilder(request, self.registry, self._settings.weights)
        names = asking.feature_names()
        census = self._census.current()
        looked = self._looking.resolve(request, names, query_id, at)
        query, plan_ms = self._query(asking, looked, census, at)
        question = request.digest(repr(query.scale))
        if at is not None:
            at.check(question, request.picture, request.unlike_picture)
        asked = time.perf_counter()
        body = queries.build_body(query, self.registry)
        page = results.read_results(self.catalogue.search(body), query)
        ended = time.perf_counter()
        number = at.page if at else 1
        seen = (*looked.positives, *looked.negatives)
        models = self._tag if seen else ""
        return SearchAnswer(
            query_id=query_id,
            results=page,
            plan=query.plan,
            took_ms=1000 * (ended - started),
            stages_ms={
                "decode": sum(s.decode_ms for s in seen),
                "features": sum(s.features_ms for s in seen),
                "engine": 1000 * (ended - asked),
            },
            features=tuple(dict.fromkeys(s.feature.name for s in query.signals)),
            pictures=len(looked.positives),
            scale=query.scale,
            page=number,
            picture=looked.picture_id,
            unlike_picture=looked.unlike_picture_id,
            next_cursor=_following(page, looked, question, number + 1, models),
            no_signal=not (query.signals or query.words or query.browse),
            low_confidence=bool(looked.positives)
            and not any(is_confident(hit, query.scale, self.registry) for hit in page.hits[:1]),
            is_truncated=is_truncated(page, query.plan),
            plan_ms=plan_ms,
            body=body,
            model=self.model,
        )

    def _query(
        self,
        asking: SignalBuilder,
        looked: QueryPictures,
        census: IndexStatistics,
        at: cursors.Cursor | None,
    ) -> tuple[Query, float]:
        """Return everything to ask the engine, and how long planning took, in milliseconds.

        Raises InvalidQuery and UnknownName.
        """
        request = asking.request
        words = normalise(request.words)
        browse = not looked.positives and not request.words.strip()
        if browse and request.has_negatives:
            raise InvalidQuery(
                "negative examples only say what not to show: add a picture, a product or words "
                "to look for"
            )
        filters = metadata.build_filters(
            request.filters,
            self.registry,
            price_min=request.price_min,
            price_max=request.price_max,
        )
        if without := (*request.product_ids, *request.unlike_product_ids):
            filters = replace(filters, excluded_ids=without)
        calibrated = self._calibrated.current()
        scale = asking.scale(looked, calibrated)
        weights = calibrated.calibration.weights if calibrated and scale is not UNCALIBRATED else {}
        signals = (*asking.picture_signals(looked, weights), *asking.word_signals(words))
        words_weight = asking.weight(TEXT) * asking.weight(ABOUT_WORDS)
        planned = time.perf_counter()
        plan = self._plan(census, filters, signals, browse, request.size)
        plan_ms = 1000 * (time.perf_counter() - planned)
        query = Query(
            plan=plan,
            signals=signals,
            words=words if words_weight > 0 else "",
            words_weight=words_weight,
            combine=request.combine,
            unlike=tuple(asking.negative_signals(looked)),
            unlike_weight=request.unlike_weight,
            scale=scale,
            filters=filters,
            facets=request.facets,
            size=request.size,
            min_score=request.min_score,
            after=(at.after or None) if at else None,
            by_photo=request.by_photo,
            skip=at.skip if at else 0,
            browse=browse,
        )
        return query, plan_ms

    def _plan(
        self,
        census: IndexStatistics,
        filters: Filters,
        signals: Sequence[Signal],
        browse: bool,
        size: int,
    ) -> Plan:
        bounds = census.bounds(filters)
        if browse:
            return Plan("browse", bounds.high)
        if not any(signal.is_near for signal in signals):
            return Plan("words", bounds.high)
        asked = graph_features((s.feature, s.value, s.measure) for s in signals)
        planner = Planner(census, asked, size=size, promised=self._settings.promised_recall)
        if planner.is_worth_counting(bounds):
            kept = self.catalogue.search(count_body(filters))["hits"]["total"]["value"]
            bounds = Bounds(kept, kept)
        return planner.plan(bounds)


def _following(
    page: Results, looked: QueryPictures, question: str, number: int, models: str
) -> str | None:
    """Return the cursor of the next page, None on the last one."""
    if page.after is None and page.skip is None:
        return None
    return cursors.Cursor(
        page.after or (),
        question,
        page.skip or 0,
        looked.picture_id,
        looked.unlike_picture_id,
        number,
        models,
    ).encode()


def is_truncated(page: Results, plan: Plan) -> bool:
    """Say whether hits end because only so many neighbours were looked for."""
    if plan.approximate is None or page.after is not None or page.skip is not None:
        return False
    return plan.approximate.k <= page.total < plan.estimated_products


def is_confident(hit: Hit, scale: Scale, registry: Registry) -> bool:
    """Say whether a hit is more than a guess: proved, worded, or scored as few strangers are.

    Where nobody measured how strangers score, near by its embedding.
    """
    features = [registry.get(name) for name in hit.signals]
    if TEXT in hit.signals or any(
        isinstance(one, Conclusive) or finds_words(one) for one in features
    ):
        return True
    if scale.confident_from is not None:
        return hit.score >= scale.confident_from
    return hit.signals.get("embedding", {}).get("score", 0.0) >= CONFIDENT_EMBEDDING_SCORE
