"""The duplicate check: is this picture, or this listing's, already in the catalogue?"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from app.search.feature_cache import new_query_id
from app.search.query_extractor import QueryExtractor
from app.trust.examination.evidence import LABELS, Examination, PairFinding
from app.trust.examination.examiner import Examiner
from core.errors import InvalidQuery
from features.base import Box, Json
from features.imaging.blank import is_blank
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.search import filters as metadata
from mappings.search.filters import Filters


@dataclass(frozen=True)
class CheckRequest:
    """The picture to check, with what is known of its listing, or a product.

    `filters` narrow the products to compare with, as in a search; `other_sellers` leaves out the
    listing's own seller.
    """

    image: bytes | None = None
    crop: Box | None = None
    product_id: str | None = None
    listing: Mapping[str, Json] = field(default_factory=dict)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    price_min: float | None = None
    price_max: float | None = None
    other_sellers: bool = False
    size: int = 20


@dataclass(frozen=True)
class ProductMatch:
    """One product and the strongest finding about one of its pictures.

    `examined` is the image id of the checked listing's picture; None for an upload.
    """

    finding: PairFinding
    product: Mapping[str, Json]
    examined_image_id: str | None = None

    @property
    def label(self) -> str:
        """The relation of the product to the checked picture."""
        return self.finding.label


@dataclass(frozen=True)
class CheckResult:
    """The answer; `verdict` is the strongest label found, `none`, or `no_signal`."""

    query_id: str
    verdict: str
    matches: tuple[ProductMatch, ...]
    pictures: int
    took_ms: float
    stages_ms: Mapping[str, float]


class DuplicateCheck:
    """Checks pictures and listings against the catalogue."""

    def __init__(
        self,
        examiner: Examiner,
        extractor: QueryExtractor,
        catalogue: Catalogue,
        registry: Registry,
    ) -> None:
        self._examiner = examiner
        self._extractor = extractor
        self._catalogue = catalogue
        self._registry = registry

    def check(self, request: CheckRequest) -> CheckResult:
        """Return the verdict. Raises InvalidQuery, NotFound, UnknownName and image errors."""
        if (request.image is None) == (request.product_id is None):
            raise InvalidQuery("a duplicate check takes one picture, or one product_id")
        started = time.perf_counter()
        filters = metadata.build_filters(
            request.filters,
            self._registry,
            self._catalogue.fields,
            price_min=request.price_min,
            price_max=request.price_max,
        )
        if request.image is not None:
            picture = self._extractor.decode(request.image, request.crop)
            decoded = time.perf_counter()
            filters = _for_seller(filters, request.listing, request.other_sellers)
            examinations: tuple[Examination, ...] = (
                Examination(None, (), no_signal=True)
                if is_blank(picture)
                else self._examiner.examine_upload(
                    picture, listing=request.listing, filters=filters
                ),
            )
        else:
            if request.crop or request.listing:
                raise InvalidQuery(
                    "a stored product has its own pictures and listing: leave out crop and listing"
                )
            product = self._catalogue.product(str(request.product_id), vectors=True)
            decoded = time.perf_counter()
            filters = _for_seller(filters, product, request.other_sellers)
            examinations = self._examiner.examine_product(product, filters)
        ended = time.perf_counter()
        return CheckResult(
            new_query_id(),
            strongest_verdict(examinations),
            product_matches(examinations)[: request.size],
            len(examinations),
            1000 * (ended - started),
            {"decode": 1000 * (decoded - started), "examine": 1000 * (ended - decoded)},
        )


def strongest_verdict(examinations: tuple[Examination, ...]) -> str:
    """Return the strongest verdict of several pictures; `no_signal` only if none has any."""
    found = {examination.verdict for examination in examinations} or {"no_signal"}
    return next(label for label in (*LABELS, "none", "no_signal") if label in found)


def product_matches(examinations: tuple[Examination, ...]) -> tuple[ProductMatch, ...]:
    """Return each matching product once, with its strongest finding; the strongest first."""
    best: dict[str, ProductMatch] = {}
    for examination in examinations:
        examined = examination.picture.image_id if examination.picture else None
        for finding in examination.findings:
            key = finding.picture.product_id
            match = ProductMatch(finding, examination.listings.get(key, {}), examined)
            if finding.label in LABELS and (key not in best or _order(match) < _order(best[key])):
                best[key] = match
    return tuple(sorted(best.values(), key=_order))


def _order(match: ProductMatch) -> tuple[int, float, str]:
    finding = match.finding
    return LABELS.index(finding.label), -finding.p_same_product, finding.picture.product_id


def _for_seller(filters: Filters, listing: Mapping[str, Json], other_sellers: bool) -> Filters:
    if not other_sellers:
        return filters
    seller = listing.get("seller_id")
    if not seller:
        raise InvalidQuery("other_sellers needs the listing's seller_id")
    return replace(filters, excluded_terms={"seller_id": (str(seller),)})
