"""Hashes pictures, and matches their signals with the banks' entries, for programs."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from app.search.query_extractor import QueryExtractor
from app.trust.banks.bank_matcher import SAME_PICTURE_LABELS
from app.trust.banks.entry import (
    ENABLED,
    PREFIX,
    BankEntry,
    content_id,
    is_enabled,
    is_named_list,
)
from app.trust.banks.signal_types import (
    FEATURES,
    PDQ,
    SAME_PHOTO,
    SHA256,
    SIGNAL_TYPES,
    check_signal,
    check_signal_type,
)
from app.trust.examination.evidence import Examination
from app.trust.examination.examiner import Examiner
from app.trust.examination.stored_pictures import StoredPicture
from core.errors import InvalidQuery, NotFound
from features.base import Feature, Picture
from features.pdq import Pdq, stored_value
from mappings.catalogue import scan
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PICTURES
from mappings.engine.gateway import Gateway
from mappings.search.filters import Filters
from mappings.trust.banks import BankIndex
from mappings.trust.signal_lookup import EntryMatch, count_entries, look_up_entries

NO_DISTANCE = "match"
"""What stands for the distance of a signal type that has none."""

UNKNOWN_QUALITY = 100
"""The quality of a hash that came without one."""


@dataclass(frozen=True)
class MatchingContent:
    """An entry that a signal matches.

    `bank` is its name among programs. `distance` is in bits for `pdq`, `match` for `sha256`, and
    1 − P(same photo) for `same_photo`.
    """

    content_id: int
    bank: str
    distance: str
    is_enabled: bool


@dataclass(frozen=True)
class SignalComparison:
    """Whether two signals match; `distance` as in `MatchingContent`, 0 to 1 for `sha256`."""

    is_match: bool
    distance: float


@dataclass(frozen=True)
class IndexState:
    """How many entries have a signal of a type, and the second since 1970 the newest was added."""

    size: int
    newest: int


class SignalMatcher:
    """Matches signals with the banks. Thread-safe."""

    def __init__(
        self,
        gateway: Gateway,
        index: BankIndex,
        catalogue: Catalogue,
        extractor: QueryExtractor,
        examiner: Examiner,
        bank_examiner: Examiner,
    ) -> None:
        """`examiner` searches the products, `bank_examiner` the banks."""
        self._gateway = gateway
        self._index = index
        self._catalogue = catalogue
        self._extractor = extractor
        self._examiner = examiner
        self._bank_examiner = bank_examiner
        self._is_prepared = False

    def hash_picture(self, data: bytes, types: Collection[str] = SIGNAL_TYPES) -> dict[str, str]:
        """Return the picture's signals by type; `pdq` is left out where there is little detail.

        Raises the errors of decoding, and UnknownName.
        """
        _, signals = self._hash(data, types)
        return signals

    def look_up(self, signal_type: str, signal: str) -> list[MatchingContent]:
        """Return the entries that a signal matches, the nearest first.

        Raises UnknownName, InvalidQuery for a malformed signal, and NotFound for a `same_photo`
        signal of a picture that is neither in a bank nor in the catalogue.
        """
        digits = check_signal(signal_type, signal)
        self._prepare()
        if signal_type == SAME_PHOTO:
            return self._look_up_photo(digits)
        feature = self._feature(signal_type)
        if feature is None:
            raise InvalidQuery(
                f"{signal_type} is not in use: add {FEATURES[signal_type]!r} to LOOKALIKE_FEATURES"
            )
        value = stored_value(digits, UNKNOWN_QUALITY) if signal_type == PDQ else digits
        found = look_up_entries(self._gateway, self._index.name, feature, value)
        return [self._match(feature, entry) for entry in found]

    def look_up_picture(
        self, data: bytes, types: Collection[str] = SIGNAL_TYPES
    ) -> dict[str, list[MatchingContent]]:
        """Return by signal type the entries that a picture matches. Raises as `hash_picture`."""
        picture, signals = self._hash(data, types)
        found = {
            name: self.look_up(name, signal)
            for name, signal in signals.items()
            if name != SAME_PHOTO
        }
        if SAME_PHOTO in signals:
            self._prepare()
            examination = self._bank_examiner.examine_upload(picture)
            found[SAME_PHOTO] = list(self._examined(examination))
        return found

    def compare(self, signal_type: str, signals: Sequence[str]) -> SignalComparison:
        """Compare two signals. Raises as `look_up`."""
        if len(signals) != 2:
            raise InvalidQuery(f"{signal_type}: a comparison takes exactly two signals")
        first, second = (check_signal(signal_type, signal) for signal in signals)
        if signal_type == SHA256:
            return SignalComparison(first == second, float(first != second))
        if signal_type == PDQ:
            pdq = Pdq()
            bits = pdq.distance(stored_value(first, 100), stored_value(second, 100))
            return SignalComparison(bits <= pdq.max_distance, bits)
        return self._compare_photos(first, second)

    def state(self, signal_type: str) -> IndexState:
        """Return how many entries have a signal of a type; raises UnknownName."""
        check_signal_type(signal_type)
        self._prepare()
        # A bare hash has no size: an entry with one has a picture.
        field = FEATURES.get(signal_type, "width")
        return IndexState(*count_entries(self._gateway, self._index.name, field))

    def _hash(self, data: bytes, types: Collection[str]) -> tuple[Picture, dict[str, str]]:
        """Return the picture, decoded once, and its signals."""
        wanted = [check_signal_type(name) for name in types]
        hashing = {name: feature for name in wanted if (feature := self._feature(name)) is not None}
        picture, values = self._extractor.extract_stored(data, hashing)
        assert picture.sha256 is not None, "a whole picture has a file"
        signals = {SHA256: picture.sha256, SAME_PHOTO: picture.sha256}
        if PDQ in values:
            signals[PDQ] = values[PDQ]["bits"]
        return picture, {name: signals[name] for name in wanted if name in signals}

    def _prepare(self) -> None:
        """Create the banks' index if it is missing: once, since lookups must be quick."""
        if not self._is_prepared:
            self._index.prepare()
            self._is_prepared = True

    def _feature(self, signal_type: str) -> Feature | None:
        return self._extractor.registry.get(FEATURES.get(signal_type, ""))

    def _match(self, feature: Feature, entry: EntryMatch) -> MatchingContent:
        distance = NO_DISTANCE
        if isinstance(feature, Pdq):
            distance = str(int(feature.evidence(entry.score)["distance"]))
        disabled_until = ENABLED if entry.disabled_until is None else entry.disabled_until
        return MatchingContent(
            content_id(entry.id),
            bank_name(entry.bank, entry.list),
            distance,
            is_enabled(disabled_until),
        )

    def _examined(self, examination: Examination) -> Iterator[MatchingContent]:
        findings = [f for f in examination.findings if f.label in SAME_PICTURE_LABELS]
        entries = self._index.get_current([finding.picture.product_id for finding in findings])
        for finding in findings:
            if (source := entries.get(finding.picture.product_id)) is not None:
                yield _entry_match(BankEntry.from_json(source), finding.p_same_photo)

    def _look_up_photo(self, image_id: str) -> list[MatchingContent]:
        """Return the entries of a picture that is known here: its own, then those it matches."""
        (examination,) = self._bank_examiner.examine_stored([self._stored_picture(image_id)])
        own = [BankEntry.from_json(source) for source in self._index.showing(image_id)]
        matches = [_entry_match(entry, 1.0) for entry in own if entry.has_picture]
        known = {match.content_id for match in matches}
        examined = self._examined(examination)
        return [*matches, *(match for match in examined if match.content_id not in known)]

    def _compare_photos(self, first: str, second: str) -> SignalComparison:
        stored, other = self._stored_picture(first), self._stored_picture(second)
        if first == second:
            return SignalComparison(True, 0.0)
        key = str(other.product["id"])
        examiner = self._bank_examiner if key.startswith(PREFIX) else self._examiner
        (examination,) = examiner.examine_stored([stored], Filters(terms={"id": (key,)}))
        for finding in examination.findings:
            if finding.picture.image_id == second:
                is_match = finding.label in SAME_PICTURE_LABELS
                return SignalComparison(is_match, round(1 - finding.p_same_photo, 4))
        return SignalComparison(False, 1.0)

    def _stored_picture(self, image_id: str) -> StoredPicture:
        for source in self._index.showing(image_id):
            (picture,) = source[PICTURES]
            if "width" in picture:
                return StoredPicture(source, picture)
        for listing in scan.listings_showing(self._catalogue, [image_id]).get(image_id, ()):
            product = self._catalogue.product(listing.product_id, vectors=True)
            for picture in product[PICTURES]:
                if picture["image_id"] == image_id:
                    return StoredPicture(product, picture)
        raise NotFound(
            f"no bank and no product has the picture {image_id}: same_photo compares pictures, so "
            "send the file to POST /hma/m/lookup"
        )


def bank_name(bank: str, list_name: str) -> str:
    """Return the name of an entry's bank among programs: its list's, if that is a bank, or its own.

    Programs know the two banks as `BLOCKED` and `ALLOWED`.
    """
    return list_name if is_named_list(list_name) else bank.upper()


def _entry_match(entry: BankEntry, p_same_photo: float) -> MatchingContent:
    name, distance = bank_name(entry.bank, entry.list), f"{1 - p_same_photo:.4f}"
    return MatchingContent(entry.content_id, name, distance, entry.is_enabled)
