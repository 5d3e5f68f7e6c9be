"""Applies changes that programs send, as a load applies the rows of a feed."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from core.errors import LookalikeError
from features.base import Feature
from features.fetching.web import WebClient
from features.imaging.decode import FEED_LIMITS
from features.regions.finders import RegionFinderChain
from indexer.feeds.product import Product
from indexer.feeds.rows import Rejection
from indexer.ledger.content_hash import hash_content
from indexer.ledger.ledger import Ledger
from indexer.ledger.ordering import ChangeOrder, decide_whole
from indexer.live.change_reading import lacks_currency, read_id, read_product, read_values
from indexer.live.change_request import ChangeRequest, ItemResult
from indexer.live.live_index import LiveIndex
from indexer.live.new_placeholders import NewPlaceholders
from indexer.live.slow_features import SlowFeatures
from indexer.live.uploaded_pictures import LiveFetcher, PictureUploads
from indexer.loading.dependencies import Decoder, PictureDependencies, ThumbnailStore
from indexer.loading.pending_picture import PendingPicture
from indexer.loading.picture_pipeline import PicturePipeline
from indexer.loading.product_document import build_product
from indexer.loading.report import Tally
from indexer.settings import LoadSettings
from indexer.writing.change import Change, ChangeResult, ProductDelete, ProductPatch, ProductPut
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.catalogue import Catalogue

TOGETHER = 32
"""Changes applied together: their pictures go through the features in one batch."""

LeftOut = tuple[Mapping[str, str], ...]

WHY = {
    "unknown_product": "there is no such product; send it whole, with PUT",
    "changed_meanwhile": "the product has changed since; read it again, with its ETag",
}


@dataclass(frozen=True)
class LiveTools:
    """What changes are worked on with."""

    catalogue: Catalogue
    ledger: Ledger
    writer: RecordedWriter
    web: WebClient
    decoder: Decoder
    thumbnails: ThumbnailStore
    slow_features: SlowFeatures
    placeholders: NewPlaceholders
    finders: RegionFinderChain = field(default_factory=RegionFinderChain)


@dataclass(frozen=True)
class _Prepared:
    """A change that may be written, or the result of one that may not."""

    request: ChangeRequest
    order: ChangeOrder
    product: Product | None = None
    change: Change | None = None
    result: ItemResult | None = None


class LiveCatalogue:
    """The catalogue as programs change it. Thread-safe."""

    def __init__(self, tools: LiveTools, settings: LoadSettings) -> None:
        self._tools = tools
        self._settings = settings
        self._index = LiveIndex(tools.catalogue, tools.ledger)

    def apply(
        self,
        changes: Sequence[tuple[int, ChangeRequest]],
        uploads: PictureUploads,
        *,
        wait: bool = False,
    ) -> list[ItemResult]:
        """Apply changes, each with its arrival, and return what became of each, in their order.

        With `wait`, they can be searched for on return. An index that is missing is made. Raises
        EngineUnavailable, Busy, IndexBlocked, IndexMissing, LedgerUnavailable and ModelMismatch;
        then all may be applied again.
        """
        results: list[ItemResult] = []
        for start in range(0, len(changes), TOGETHER):
            results += self._apply(changes[start : start + TOGETHER], uploads, wait=wait)
        return results

    def _apply(
        self, changes: Sequence[tuple[int, ChangeRequest]], uploads: PictureUploads, *, wait: bool
    ) -> list[ItemResult]:
        features = self._index.features()
        prepared = [
            self._prepare(request, ChangeOrder(arrival, request.version, request.source), uploads)
            for arrival, request in changes
        ]
        checked = self._without_outdated(self._with_currencies(prepared))
        built, pictures, left_out = self._build(checked, uploads, features)
        slow_features = self._tools.slow_features
        for number, group in pictures.items():
            if (change := built[number].change) is not None:
                slow_features.record(change.id, group, uploads)
        ready = [item.change for item in built if item.change is not None]
        written = iter(self._tools.writer.apply(ready, wait=wait))
        results = []
        for number, item in enumerate(built):
            result = item.result or _item(next(written), left_out.get(number, ()))
            if number in pictures:
                self._tools.placeholders.note(one.image_id for one in pictures[number])
                slow_features.begin(result.id, pictures[number])
            results.append(result)
        return results

    def _prepare(
        self, request: ChangeRequest, order: ChangeOrder, uploads: PictureUploads
    ) -> _Prepared:
        fields = self._tools.catalogue.fields
        try:
            match request.action:
                case "put":
                    cells = uploads.take_from(request.cells)
                    product = read_product(request.id, cells, fields, self._settings.currency)
                    return _Prepared(request, order, product)
                case "patch":
                    key = read_id(request.id, fields)
                    values = read_values(request.id, request.cells, fields)
                    patch = ProductPatch(key, order, values, request.tag)
                    return _Prepared(request, order, change=patch)
                case "delete":
                    key = read_id(request.id, fields)
                    change = ProductDelete(key, order, request.tag)
                    return _Prepared(request, order, change=change)
        except LookalikeError as error:
            refusal = ItemResult(request.id, "refused", error.code, str(error))
            return _Prepared(request, order, result=refusal)

    def _with_currencies(self, prepared: Sequence[_Prepared]) -> list[_Prepared]:
        """Give amounts of patches that name no currency the feeds', unless the product has one."""
        currency, fields = self._settings.currency, self._tools.catalogue.fields
        patches = {
            number: item.change
            for number, item in enumerate(prepared)
            if currency
            and isinstance(item.change, ProductPatch)
            and lacks_currency(item.change.values, fields)
        }
        if not patches:
            return list(prepared)
        stored = self._tools.catalogue.stored().read([patch.id for patch in patches.values()])
        completed = list(prepared)
        for number, patch in patches.items():
            if "currency" not in stored.get(patch.id, {}):
                values = {**patch.values, "currency": currency}
                change = replace(patch, values=values)
                completed[number] = replace(prepared[number], change=change)
        return completed

    def _without_outdated(self, prepared: Sequence[_Prepared]) -> list[_Prepared]:
        """Give puts that are older than what counts their result: no picture is fetched for them.

        The writer decides again, under the product's lock.
        """
        ids = [item.product.id for item in prepared if item.product is not None]
        entries = self._tools.ledger.entries(ids)
        decided = []
        for item in prepared:
            entry = entries.get(item.product.id) if item.product else None
            if item.product is None or entry is None or entry.is_pending:
                decided.append(item)
                continue
            content = hash_content(item.product.fields, item.product.pictures)
            if decide_whole(entry.history, item.order, content.said()) is not None:
                decided.append(item)
                continue
            outcome = "unchanged" if entry.has_content(content) else "superseded"
            result = ItemResult(item.product.id, outcome)
            decided.append(_Prepared(item.request, item.order, result=result))
        return decided

    def _build(
        self,
        prepared: Sequence[_Prepared],
        uploads: PictureUploads,
        features: Mapping[str, Feature],
    ) -> tuple[list[_Prepared], Mapping[int, Sequence[PendingPicture]], dict[int, LeftOut]]:
        """Fetch the pictures of puts and extract their features; make their changes."""
        puts = {n: item.product for n, item in enumerate(prepared) if item.product is not None}
        built = list(prepared)
        if not puts:
            return built, {}, {}
        tools = self._tools
        stored = tools.catalogue.stored_pictures([product.id for product in puts.values()])
        fetcher = LiveFetcher(tools.web, FEED_LIMITS.max_bytes, uploads)
        dependencies = PictureDependencies(
            fetcher=fetcher,
            decoder=tools.decoder,
            thumbnails=tools.thumbnails,
            finders=tools.finders,
        )
        pictures: dict[int, list[PendingPicture]] = {number: [] for number in puts}
        with closing(PicturePipeline(dependencies, self._settings, Tally())) as pipeline:
            for number, product in puts.items():
                pictures[number] += pipeline.fetch([product], stored)
            every = [picture for group in pictures.values() for picture in group]
            pipeline.extract(every, features)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        left_out: dict[int, LeftOut] = {}
        for number, product in puts.items():
            done, rejections = build_product(
                product, pictures[number], stored.get(product.id, {}), now
            )
            request, order = prepared[number].request, prepared[number].order
            left_out[number] = tuple(map(_cell, (*product.unreadable, *rejections)))
            if done is None:
                refusal = _without_picture(product.id, rejections)
                built[number] = _Prepared(request, order, result=refusal)
            else:
                put = ProductPut(product.id, order, done.document, done.content, request.tag)
                built[number] = _Prepared(request, order, change=put)
        return built, pictures, left_out


def _without_picture(key: str, rejections: Sequence[Rejection]) -> ItemResult:
    reasons = "; ".join(rejection.detail for rejection in rejections[:3])
    return ItemResult(
        key,
        "refused",
        "no_usable_picture",
        f"no picture can be used ({reasons}); send one that can be, as a link, a file or a data: "
        "URL: what was there stays",
    )


def _item(result: ChangeResult, left_out: LeftOut) -> ItemResult:
    return ItemResult(
        result.id,
        result.outcome,
        code=result.outcome if result.outcome in WHY or result.reason else "",
        reason=result.reason or WHY.get(result.outcome, ""),
        tag=result.tag,
        pending=tuple(result.pending),
        left_out=left_out,
    )


def _cell(rejection: Rejection) -> dict[str, str]:
    return {"field": rejection.field, "rule": rejection.rule, "detail": rejection.detail}
