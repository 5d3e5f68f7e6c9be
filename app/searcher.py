"""One search from request to answer: look, remember, plan, ask once, read."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app import cursor as cursors
from app import remembered
from app.census import CensusKeeper
from app.eyes import Eyes, Seen
from app.settings import CONFIDENT, AppSettings
from features.base import Box, Deferred, Json, Measurable, Proving, Worded
from features.errors import InvalidQuery, UnknownName
from features.preparation import steps
from features.registry import Registry
from features.vector import finds_words
from mappings import filters as metadata
from mappings import query as queries
from mappings import results, versions
from mappings.analysis import normalise
from mappings.catalogue import Catalogue
from mappings.census import Bounds, Census, count_body
from mappings.filters import Filters
from mappings.plan import Plan, Planner, graph_features
from mappings.query import TEXT, WORDS, Query, Signal
from mappings.results import Results


@dataclass(frozen=True)
class SearchRequest:
    """What a caller wants. `crops` belong to `images`, in order; None is the whole picture.

    `picture` is the query id of an earlier search whose pictures are meant. `features` names the
    ways of seeing to use, `weights` overrides what each says in the score (under WORDS stands what
    multiplies all that words say), `measures` how it compares. `prepare` names steps that pictures
    go through first, `accurate` asks for a closer look at them; a picture of an earlier search
    stays as it was looked at then. `model` is the name of a model the index holds; None is the one
    in service.
    """

    images: tuple[bytes, ...] = ()
    crops: tuple[Box | None, ...] = ()
    product_ids: tuple[str, ...] = ()
    picture: str | None = None
    prepare: tuple[str, ...] = ()
    accurate: bool = False
    words: str = ""
    features: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    price_min: float | None = None
    price_max: float | None = None
    facets: tuple[str, ...] = ()
    size: int = 20
    min_score: float = 0.0
    cursor: str | None = None
    model: str | None = None


@dataclass(frozen=True)
class Answer:
    """One page, with everything the caller and the search log need to know about it.

    `no_signal` says that pictures or words were given and nothing could be seen in them;
    `low_confidence` that the best hit is a guess; `cut` that no page follows although there may be
    more: only so many neighbours were looked for. `body` is what was asked of Elasticsearch.
    """

    query_id: str
    results: Results
    plan: Plan
    took_ms: float
    stages_ms: Mapping[str, float]
    features: tuple[str, ...]
    pictures: int
    page: int = 1
    picture: str | None = None
    next_cursor: str | None = None
    no_signal: bool = False
    low_confidence: bool = False
    cut: bool = False
    plan_ms: float = 0.0
    body: Json = None
    model: str = ""


class Searcher:
    """Answers searches. Thread-safe; one per worker."""

    def __init__(
        self,
        registry: Registry,
        catalogue: Catalogue,
        eyes: Eyes,
        census: CensusKeeper,
        memory: remembered.Remembered,
        settings: AppSettings,
        model: str = "",
    ) -> None:
        """`model` is what people call the model of the registry's embedding."""
        self.registry = registry
        self.model = model
        self.catalogue = catalogue
        self._eyes = eyes
        self._census = census
        self._memory = memory
        self._settings = settings
        self._tag = versions.tag(registry)

    def search(self, request: SearchRequest) -> Answer:
        """Return one page. Raises InvalidQuery, UnknownName, NotFound and image errors."""
        started = time.perf_counter()
        query_id = remembered.new_key()
        at = cursors.decode(request.cursor) if request.cursor else None
        if at is not None and at.model not in ("", self._tag):
            raise InvalidQuery("the cursor is of another model; begin again without it")
        words = normalise(request.words)
        names = self._chosen(request)
        request = replace(request, measures=self._measures(request.measures))

        census = self._census.current()
        seen, picture = self._look(request, names, query_id, at.picture if at else None)
        filters = metadata.build(
            request.filters,
            self.registry,
            price_min=request.price_min,
            price_max=request.price_max,
        )
        if request.product_ids:
            filters = replace(filters, without=request.product_ids)
        signals = (*self._signals(seen, request), *self._worded(words, request))
        browse = not seen and not request.words.strip()
        words_weight = self._weight(TEXT, request) * self._weight(WORDS, request)
        planned = time.perf_counter()
        query = Query(
            plan=self._plan(census, filters, signals, browse, request.size),
            signals=signals,
            words=words if words_weight > 0 else "",
            words_weight=words_weight,
            filters=filters,
            facets=request.facets,
            size=request.size,
            min_score=request.min_score,
            after=at.after if at else None,
            browse=browse,
        )
        asked = time.perf_counter()
        body = queries.body(query, self.registry)
        page = results.read(self.catalogue.search(body), query)
        ended = time.perf_counter()
        number = at.page if at else 1
        models = self._tag if seen else ""
        following = cursors.Cursor(page.after, picture, number + 1, models) if page.after else None
        return Answer(
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
            pictures=len(seen),
            page=number,
            picture=picture,
            next_cursor=following.encode() if following else None,
            no_signal=not (query.signals or query.words or query.browse),
            low_confidence=bool(seen) and not confident(page, self.registry),
            cut=is_cut(page, query.plan),
            plan_ms=1000 * (asked - planned),
            body=body,
            model=self.model,
        )

    def _look(
        self, request: SearchRequest, names: Sequence[str], query_id: str, paged: str | None
    ) -> tuple[list[Seen], str | None]:
        """Return what the query's pictures show, and the id they are remembered under."""
        stored = [Seen(values) for values in self._stored(request, names)]
        known = paged or request.picture
        if known:
            if request.images:
                raise InvalidQuery("send either pictures or the id of an earlier search, not both")
            return [*(Seen(values) for values in self._memory.recall(known)), *stored], known
        if len(request.images) > self._settings.max_pictures:
            raise InvalidQuery(f"at most {self._settings.max_pictures} pictures a search")
        prepare = steps.known(request.prepare)
        crops = [*request.crops, *[None] * len(request.images)]
        seen = [
            self._eyes.look(data, crop, names, prepare=prepare, accurate=request.accurate)
            for data, crop in zip(request.images, crops, strict=False)
        ]
        if seen:
            self._memory.keep(query_id, [one.values for one in seen])
        return seen + stored, query_id if seen else None

    def _stored(self, request: SearchRequest, names: Sequence[str]) -> Iterable[dict[str, Json]]:
        for key in request.product_ids:
            pictures = self.catalogue.product(key, vectors=True).get("images", [])
            known = versions.seen(pictures[0], self.registry) if pictures else {}
            yield {name: known[name] for name in names if name in known}

    def _chosen(self, request: SearchRequest) -> tuple[str, ...]:
        """Return the features to look with: those asked for, or all quick ones that count."""
        known = {*self.registry, TEXT}
        for name in (*request.weights, *request.features):
            if name not in known and not (name == WORDS and name in request.weights):
                raise UnknownName("feature", name, known)
        if request.features:
            return tuple(name for name in request.features if name != TEXT)
        return tuple(
            name
            for name, feature in self.registry.items()
            if self._weight(name, request) > 0
            and (not isinstance(feature, Deferred) or name in request.weights)
        )

    def _measures(self, asked: Mapping[str, str]) -> dict[str, str]:
        """Return feature → measure; under "" stands one for every feature that knows it."""
        chosen: dict[str, str] = {}
        for name, measure in asked.items():
            features = [self.registry.named(name)] if name else list(self.registry.values())
            known = {f.name: f.measures for f in features if isinstance(f, Measurable)}
            knowing = [one for one, measures in known.items() if measure in measures]
            if not knowing:
                every = {one for measures in known.values() for one in measures}
                raise UnknownName(f"similarity of {name}" if name else "similarity", measure, every)
            chosen |= dict.fromkeys(knowing, measure)
        return chosen

    def _weight(self, name: str, request: SearchRequest) -> float:
        if name in request.weights:
            return request.weights[name]
        if request.features and name in request.features:
            return self._settings.weights.get(name) or 1.0
        if request.features and name in self.registry:
            return 0.0
        return self._settings.weights.get(name, 1.0)

    def _signals(self, seen: Sequence[Seen], request: SearchRequest) -> Iterable[Signal]:
        for number, one in enumerate(seen):
            for name, value in one.values.items():
                weight = self._weight(name, request)
                if weight > 0 and name in self.registry:
                    measure = request.measures.get(name)
                    yield Signal(self.registry[name], value, weight, str(number), measure)

    def _worded(self, words: str, request: SearchRequest) -> Iterable[Signal]:
        if not words:
            return
        for name, feature in self.registry.items():
            weight = self._weight(name, request) * self._weight(WORDS, request)
            if isinstance(feature, Worded) and weight > 0:
                value = feature.from_words(words)
                if value is not None:
                    yield Signal(feature, value, weight, WORDS)

    def _plan(
        self,
        census: Census,
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


def is_cut(page: Results, plan: Plan) -> bool:
    """Say whether hits end because only so many neighbours were looked for."""
    if plan.approximate is None or page.after is not None:
        return False
    return plan.approximate.k <= page.total < plan.estimated_products


def confident(page: Results, registry: Registry) -> bool:
    """Say whether the best hit is more than a guess: proved, near by its embedding, or worded."""
    for name, signal in page.hits[0].signals.items() if page.hits else ():
        feature = registry.get(name)
        if isinstance(feature, Proving) or finds_words(feature) or name == TEXT:
            return True
        if name == "embedding" and signal["score"] >= CONFIDENT:
            return True
    return False
