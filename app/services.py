"""The parts that the pages and the API use: built once per worker, stored on the Flask app."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Protocol, cast

from flask import current_app

from app import outgoing
from app.events.event_log import EventLog
from app.experiments.experiments import Experiments
from app.search.feature_cache import QueryFeatureCache
from app.search.look.look_searcher import LookSearcher
from app.search.photo_store import PhotoStore
from app.search.popular_queries import PopularQueries
from app.search.query_extractor import QueryExtractor
from app.search.repeated_pictures import RepeatedPictures
from app.search.search_request import SearchRequest
from app.search.searcher import Searcher
from app.search.similar_products import SimilarProducts
from app.search.statistics_cache import StatisticsCache
from app.search.suggester import Suggester
from app.search.synonym_file import SynonymFile
from app.search.text_reader import TextReader
from app.search.word_reader import WordReader
from app.settings import AppSettings
from app.shopper_photos_factory import open_shopper_photos
from app.shoppers.related_products import RelatedProducts
from app.shoppers.shopper_photos import ShopperPhotoService
from app.trust.banks.bank_matcher import BankMatcher
from app.trust.banks.banks import Banks
from app.trust.banks.signal_banks import SignalBanks
from app.trust.banks.signal_matcher import SignalMatcher
from app.trust.desk.case_search import CaseSearch
from app.trust.desk.desk import Desk
from app.trust.desk.webhook import Webhook
from app.trust.examination.duplicate_check import DuplicateCheck
from app.trust.examination.examiner import Examiner
from app.trust.examination.examiner_pair import open_examiners
from core import load_status
from core.expiring import ExpiringValue
from core.load_status import LoadStatus
from features.base import Feature
from features.geometry.keypoint_store import KeypointStore
from features.imaging.decode import UPLOAD_LIMITS
from features.imaging.sandbox import Sandbox
from features.imaging.thumbnails import Thumbnails
from features.regions.finders import RegionFinderChain
from features.registry import Registry
from indexer.live.live_service import LiveService
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.overview import Overview, read_overview
from mappings.catalogue.versions import first_model_name, models_tag
from mappings.engine.connection import connect
from mappings.engine.gateway import Gateway
from mappings.search.weights import resolve_weights
from mappings.trust.banks import BankIndex
from mappings.trust.desk import DeskIndex
from mappings.trust.named_banks import NamedBankIndex

EXTENSION_KEY = "lookalike"


@dataclass(frozen=True)
class SharedServices:
    """The parts that do not depend on the model.

    `gateway` logs in as the trust desk does, `event_gateway` as what records and reads events.
    `all_features` are all versions of all features.
    """

    settings: AppSettings
    gateway: Gateway
    event_gateway: Gateway
    sandbox: Sandbox
    thumbnails: Thumbnails
    keypoints: KeypointStore
    search_log: EventLog | None
    shop_log: EventLog | None
    decision_log: EventLog
    webhook: Webhook | None
    desk_index: DeskIndex
    desk: Desk
    case_search: CaseSearch
    all_features: tuple[Feature, ...]
    region_finders: RegionFinderChain
    popular_queries: PopularQueries
    related: RelatedProducts
    synonyms: SynonymFile
    live: LiveService
    experiments: Experiments


@dataclass(frozen=True)
class Services:
    """The parts of a running application that use the features of `registry`."""

    shared: SharedServices
    registry: Registry
    catalogue: Catalogue
    words: WordReader
    searcher: Searcher
    suggester: Suggester
    duplicate_check: DuplicateCheck
    extractor: QueryExtractor
    text_reader: TextReader
    examiner: Examiner
    bank_examiner: Examiner
    banks: Banks
    signal_matcher: SignalMatcher
    signal_banks: SignalBanks
    shopper_photos: ShopperPhotoService
    photo_store: PhotoStore
    look_searcher: LookSearcher
    similar_products: SimilarProducts
    overview: ExpiringValue[Overview]

    @property
    def settings(self) -> AppSettings:
        """The application's settings."""
        return self.shared.settings

    @property
    def thumbnails(self) -> Thumbnails:
        """The stored small copies of pictures."""
        return self.shared.thumbnails

    @property
    def search_log(self) -> EventLog | None:
        """The log that searches are recorded in; None where they are not."""
        return self.shared.search_log

    @property
    def webhook(self) -> Webhook | None:
        """The webhook that decisions are sent to; None where there is none."""
        return self.shared.webhook

    @property
    def desk_index(self) -> DeskIndex:
        """The trust desk's indices."""
        return self.shared.desk_index

    @property
    def desk(self) -> Desk:
        """The trust desk."""
        return self.shared.desk

    @property
    def case_search(self) -> CaseSearch:
        """The search in the desk's cases."""
        return self.shared.case_search

    @property
    def region_finders(self) -> RegionFinderChain:
        """Proposes parts of a picture to search with."""
        return self.shared.region_finders

    @property
    def loading(self) -> LoadStatus | None:
        """How far the loads that run now are; None when none runs."""
        return load_status.read(self.settings.state_dir / load_status.FOLDER)

    def close(self) -> None:
        """End child processes and write the events that are still queued."""
        self.text_reader.close()
        self.extractor.close()
        for log in (self.search_log, self.shared.shop_log):
            if log is not None:
                log.close()
        self.shared.decision_log.close()
        self.shared.live.close()
        if self.webhook is not None:
            self.webhook.close()


def build_services(
    settings: AppSettings,
    registry: Registry,
    next_versions: Iterable[Feature] = (),
    regions: RegionFinderChain | None = None,
) -> Services:
    """Return the services. Nothing is sent to Elasticsearch and no process started yet.

    `next_versions` are the next versions of features, where the settings name any. Without
    `regions`, none are proposed. Raises InvalidSetting for a file of synonyms that is broken,
    or a weight of an experiment that no feature has.
    """
    next_versions = tuple(next_versions)
    gateway = connect(settings.engine, api_key=settings.desk.api_key)
    events = outgoing.open_event_gateway(settings)
    thumbnails = Thumbnails(settings.state_dir / "media")
    webhook = outgoing.open_webhook(settings)
    desk_index = DeskIndex(gateway, settings.desk.index)
    decision_log = outgoing.open_decision_log(settings, gateway)
    notify = partial(outgoing.announce_decision, decision_log, webhook)
    desk = Desk(desk_index, settings.desk, notify=notify)
    shared = SharedServices(
        settings=settings,
        gateway=gateway,
        event_gateway=events,
        sandbox=Sandbox(settings.decoders, UPLOAD_LIMITS),
        thumbnails=thumbnails,
        keypoints=KeypointStore(settings.state_dir / "keypoints", thumbnails),
        search_log=outgoing.open_search_log(settings, events),
        shop_log=outgoing.open_shop_log(settings, events, registry),
        decision_log=decision_log,
        webhook=webhook,
        desk_index=desk_index,
        desk=desk,
        case_search=CaseSearch(desk_index.cases, desk.prepare),
        all_features=(*registry.values(), *next_versions),
        region_finders=regions or RegionFinderChain(),
        popular_queries=outgoing.open_popular_queries(settings, events),
        related=outgoing.open_related_products(settings, events),
        synonyms=SynonymFile(settings.search.synonyms),
        live=LiveService(
            settings.live,
            settings.engine,
            registry,
            next_versions,
            settings.fields,
            regions or RegionFinderChain(),
            decoders=settings.decoders,
        ),
        experiments=outgoing.open_experiments(settings, events, registry),
    )
    return services_for(shared, registry, first_model_name(registry))


def services_for(shared: SharedServices, registry: Registry, model: str) -> Services:
    """Return the services for these features; `model` is the name of their model."""
    settings = shared.settings
    engine, search = settings.engine, settings.search
    catalogue = Catalogue(connect(engine), registry, engine.index, fields=settings.fields)
    extractor = QueryExtractor(registry, shared.sandbox)
    statistics = StatisticsCache(catalogue, search.statistics_max_age_s)
    cache = QueryFeatureCache(
        settings.state_dir / "queries", search.query_features_ttl_s, models_tag(registry)
    )
    words = WordReader(catalogue, search.statistics_max_age_s, shared.synonyms)
    photo_store = PhotoStore(settings.state_dir / "photos", search.photo_ttl_s)
    pictures = QueryFeatureCache(
        settings.state_dir / "pictures", search.query_features_ttl_s, models_tag(registry)
    )
    searcher = Searcher(
        registry, catalogue, extractor, statistics, cache, photo_store, words, search,
        RepeatedPictures(pictures, photo_store), model,
    )  # fmt: skip
    gateway = shared.gateway
    examiner, bank_examiner = open_examiners(
        gateway, (engine.index, settings.desk.banks), registry, shared.keypoints,
        settings.state_dir / "non_matches.u64", resolve_weights(search.weights, registry),
    )  # fmt: skip
    check = DuplicateCheck(examiner, extractor, catalogue, registry)
    index = BankIndex(gateway, registry, settings.desk.banks, shared.all_features)
    matching = BankMatcher(gateway, registry, index, engine.index, examiner, bank_examiner)
    banks = Banks(
        index, matching, catalogue=catalogue, extractor=extractor, thumbnails=shared.thumbnails,
        keypoints=shared.keypoints, desk=shared.desk,
    )  # fmt: skip
    signal_matcher = SignalMatcher(gateway, index, catalogue, extractor, examiner, bank_examiner)
    names = NamedBankIndex(gateway, settings.desk.bank_names)
    signal_banks = SignalBanks(gateway, index, names, banks, shared.desk)
    return Services(
        shared, registry, catalogue, words, searcher,
        Suggester(catalogue, words.vocabulary, shared.popular_queries), check, extractor,
        TextReader(extractor, cache, photo_store),
        examiner, bank_examiner, banks, signal_matcher, signal_banks,
        open_shopper_photos(settings, registry, shared.all_features, extractor), photo_store,
        LookSearcher(searcher, extractor, shared.region_finders, cache, words),
        SimilarProducts(searcher, catalogue),
        ExpiringValue(partial(read_overview, catalogue), search.statistics_max_age_s),
    )  # fmt: skip


class ServiceSelector(Protocol):
    """Knows which services answer now (`app.service_selector.ModelServiceSelector`)."""

    def current(self) -> Services:
        """Return the services of the model in service."""
        ...

    def for_request(self, request: SearchRequest) -> tuple[Services, SearchRequest]:
        """Return the services that answer a search, and the search with its cached pictures."""
        ...


def current_services() -> Services:
    """Return the running application's services for the model in service."""
    return cast(ServiceSelector, current_app.extensions[EXTENSION_KEY]).current()


def services_for_request(request: SearchRequest) -> tuple[Services, SearchRequest]:
    """Return the services that answer a search, and the search with its cached pictures.

    Raises ModelMismatch.
    """
    return cast(ServiceSelector, current_app.extensions[EXTENSION_KEY]).for_request(request)
