"""Matches stored pictures with entries of the banks, and entries with listings.

A picture in both banks is blocked. An entry with a picture is examined like any other picture. An
entry with only a hash is matched by PDQ, within its distance and without turns. Where both apply,
the examination decides: a hash sees no colour, and takes two prints on one blank for the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.trust.banks.entry import ALLOWED, BANKS, BLOCKED, PREFIX, BankEntry, entry_id
from app.trust.examination.evidence import ListingPicture, PairFinding
from app.trust.examination.stored_pictures import PictureExaminer, StoredPicture
from core.errors import NotFound
from features.base import Json
from features.registry import Registry
from mappings.catalogue.products import PICTURES
from mappings.engine.gateway import Gateway
from mappings.trust.banks import BankIndex, PictureMatch, match_pictures

HASH_FEATURE = "pdq"
"""The feature whose hashes lists exchange."""

SAME_PICTURE_LABELS = ("same_file", "same_photo")
HASH_MATCH_PROBABILITY = 0.99
"""P(same photo) of a match by hash alone, which counts as proof. It is not measured: of 168,490
pairs of different pictures none was within the distance (docs/BENCHMARKS.md)."""

HASHES_PER_REQUEST = 50
"""Hashes in one request: each is 272 terms."""


@dataclass(frozen=True)
class BankMatch:
    """An entry that a stored picture matches; `finding.picture` is the entry's."""

    entry: BankEntry
    finding: PairFinding


class BankMatcher:
    """Matches pictures with the banks, in both directions.

    `examiner` searches the products, `bank_examiner` the banks. Without them, pictures are
    compared only by file and by hash.
    """

    def __init__(
        self,
        gateway: Gateway,
        registry: Registry,
        index: BankIndex,
        products: str,
        examiner: PictureExaminer | None = None,
        bank_examiner: PictureExaminer | None = None,
    ) -> None:
        self._gateway = gateway
        self._hash = registry.get(HASH_FEATURE)
        self._index = index
        self._products = products
        self._examiner = examiner
        self._bank_examiner = bank_examiner

    def match_stored(self, batch: Sequence[StoredPicture]) -> list[list[BankMatch]]:
        """Return the entries that show the same file or photo as each picture, likeliest first.

        Where a blocked entry matches, the allowed ones are left out.
        """
        if not batch or not any(self._index.count_by_bank().values()):
            return [[] for _ in batch]
        best: list[dict[str, PairFinding]] = [{} for _ in batch]
        examined: list[set[str]] = [set() for _ in batch]
        for findings, stored in zip(best, batch, strict=True):
            for bank in BANKS:
                _keep_likelier(findings, _same_file(bank, str(stored.document["image_id"])))
        if self._bank_examiner is not None:
            for n, examination in enumerate(self._bank_examiner.examine_stored(batch)):
                examined[n] = {finding.picture.product_id for finding in examination.findings}
                for finding in examination.findings:
                    if finding.label in SAME_PICTURE_LABELS:
                        _keep_likelier(best[n], finding)
        hashed = [
            n for n, stored in enumerate(batch) if self._hash and HASH_FEATURE in stored.document
        ]
        values = [batch[n].document[HASH_FEATURE] for n in hashed]
        for n, matches in zip(hashed, self._match_hashes(self._index.name, values), strict=True):
            for match in matches:
                if match.source["id"] not in examined[n]:
                    _keep_likelier(best[n], _by_hash(match))
        entries = self._entries({key for findings in best for key in findings})
        return [_matches(findings, entries) for findings in best]

    def find_listings(self, entry: BankEntry) -> list[PairFinding]:
        """Return the listings that show an entry's picture, likeliest first; raises NotFound.

        Each alignment lays the listing's picture over the entry's.
        """
        source = self._index.get([entry.picture.product_id]).get(entry.picture.product_id)
        if source is None:
            raise NotFound(f"there is no entry {entry.id[:80]!r} in the banks")
        (picture,) = source[PICTURES]
        findings: dict[ListingPicture, PairFinding] = {}
        if HASH_FEATURE in picture:
            (by_hash,) = self.find_listings_by_hash([picture[HASH_FEATURE]])
            findings |= {finding.picture: finding for finding in by_hash}
        if entry.has_picture and self._examiner is not None:
            (examination,) = self._examiner.examine_stored([StoredPicture(source, picture)])
            for finding in examination.findings:
                findings.pop(finding.picture, None)
                if finding.label in SAME_PICTURE_LABELS:
                    findings[finding.picture] = _inverted(finding)
        return sorted(findings.values(), key=lambda each: (-each.p_same_photo, each.picture))

    def find_listings_by_hash(self, values: Sequence[Json]) -> list[list[PairFinding]]:
        """Return, for each stored hash, the listings within its distance."""
        return [
            [_by_hash(match) for match in matches]
            for matches in self._match_hashes(self._products, values)
        ]

    def _match_hashes(self, index: str, values: Sequence[Json]) -> list[list[PictureMatch]]:
        if self._hash is None:
            return [[] for _ in values]
        return [
            matches
            for start in range(0, len(values), HASHES_PER_REQUEST)
            for matches in match_pictures(
                self._gateway, index, self._hash, values[start : start + HASHES_PER_REQUEST]
            )
        ]

    def _entries(self, keys: set[str]) -> dict[str, BankEntry]:
        """Return those entries that match now, by the `product_id` that evidence gives them."""
        current = self._index.get_current(sorted(keys))
        entries = {key: BankEntry.from_json(source) for key, source in current.items()}
        return {key: entry for key, entry in entries.items() if entry.is_enabled}


def _matches(
    findings: Mapping[str, PairFinding], entries: Mapping[str, BankEntry]
) -> list[BankMatch]:
    matches = [BankMatch(entries[key], each) for key, each in findings.items() if key in entries]
    banks = {match.entry.bank for match in matches}
    bank = BLOCKED if BLOCKED in banks else ALLOWED
    return sorted(
        (match for match in matches if match.entry.bank == bank),
        key=lambda match: (-match.finding.p_same_photo, match.entry.id),
    )


def _keep_likelier(findings: dict[str, PairFinding], finding: PairFinding) -> None:
    """Keep the likelier of two findings on one entry, of equals the first."""
    known = findings.get(finding.picture.product_id)
    if known is None or finding.p_same_photo > known.p_same_photo:
        findings[finding.picture.product_id] = finding


def _same_file(bank: str, image_id: str) -> PairFinding:
    picture = ListingPicture(PREFIX + entry_id(bank, image_id), image_id)
    return PairFinding(picture, "same_file", 1.0, 1.0)


def _by_hash(match: PictureMatch) -> PairFinding:
    picture = ListingPicture(str(match.source["id"]), match.image_id)
    signals = {f"{HASH_FEATURE}_{name}": value for name, value in match.evidence.items()}
    return PairFinding(
        picture, "same_photo", HASH_MATCH_PROBABILITY, HASH_MATCH_PROBABILITY, signals
    )


def _inverted(finding: PairFinding) -> PairFinding:
    """Return the finding with its alignment in the other direction."""
    alignment = finding.alignment
    return replace(finding, alignment=alignment.inverted() if alignment else None)
