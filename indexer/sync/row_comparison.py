"""Compares the rows of a source with the index: what each of them asks to be done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from features.base import Json
from indexer.feeds.changes import Removal
from indexer.feeds.product import Product
from indexer.feeds.rows import Rejection, Row
from indexer.loading.dependencies import PictureFetcher
from indexer.sync.field_comparison import changed_fields, changed_values
from indexer.sync.row_reading import FieldChanges, RowReading
from indexer.sync.source_state import SourceState
from indexer.sync.source_writer import SourceFieldUpdate
from mappings.catalogue.products import OWN_SOURCES, PICTURES
from mappings.catalogue.stored_products import StoredProducts

Change = Row | Rejection | Removal


@dataclass
class RequestedChanges:
    """What some rows ask for. `hashes` are those of the rows, by product id.

    `met` are the products that the source has, `updates` those whose fields alone change, `works`
    those whose pictures must be looked at.
    """

    met: set[str] = field(default_factory=set)
    unchanged: int = 0
    updates: dict[str, SourceFieldUpdate] = field(default_factory=dict)
    works: dict[str, tuple[Row, Product]] = field(default_factory=dict)
    removals: dict[str, str] = field(default_factory=dict)
    rejections: list[Rejection] = field(default_factory=list)
    hashes: dict[str, bytes] = field(default_factory=dict)


class RowComparison:
    """Compares rows of one source."""

    def __init__(
        self,
        reading: RowReading,
        state: SourceState,
        stored: StoredProducts,
        fetcher: PictureFetcher,
    ) -> None:
        self._reading = reading
        self._state = state
        self._stored = stored
        self._fetcher = fetcher

    def compare(
        self, changes: Sequence[Change], run: int, *, unique: bool = True
    ) -> RequestedChanges:
        """Return what the changes ask for.

        In a reading of the whole source ids are `unique`: a second row of a product is rejected.
        Elsewhere the last change of a product counts. Raises what Elasticsearch's absence does.
        """
        found = RequestedChanges()
        hashes = [self._reading.hash(one) if isinstance(one, Row) else b"" for one in changes]
        known = self._state.ids_by_hash(hashes)
        found.met |= set(known.values())
        parsed: dict[str, tuple[Row, Product | FieldChanges]] = {}
        for change, row_hash in zip(changes, hashes, strict=True):
            if isinstance(change, Removal):
                parsed.pop(change.id, None)
                found.removals[change.id] = change.version
            elif isinstance(change, Rejection):
                found.rejections.append(change)
            elif row_hash in known:
                found.unchanged += 1
            else:
                self._parse(change, row_hash, parsed, found, unique=unique)
        if unique:
            self._reject_repeated(parsed, found, run)
        self._sort(parsed, found)
        return found

    def _parse(
        self,
        row: Row,
        row_hash: bytes,
        parsed: dict[str, tuple[Row, Product | FieldChanges]],
        found: RequestedChanges,
        *,
        unique: bool,
    ) -> None:
        read = self._reading.parse(row)
        if isinstance(read, Rejection):
            found.rejections.append(read)
            if read.id is not None:
                found.met.add(read.id)
        elif unique and (read.id in parsed or read.id in found.met):
            found.rejections.append(_repeated(row, read.id))
        else:
            found.removals.pop(read.id, None)
            found.rejections += read.unreadable
            found.met.add(read.id)
            found.hashes[read.id] = row_hash
            parsed[read.id] = (row, read)

    def _reject_repeated(
        self,
        parsed: dict[str, tuple[Row, Product | FieldChanges]],
        found: RequestedChanges,
        run: int,
    ) -> None:
        for key, last in self._state.runs(parsed).items():
            if last == run:
                row, _ = parsed.pop(key)
                found.rejections.append(_repeated(row, key))

    def _sort(
        self, parsed: Mapping[str, tuple[Row, Product | FieldChanges]], found: RequestedChanges
    ) -> None:
        """Sort rows into those that change fields alone, and those that need their pictures."""
        stored = self._stored.read(list(parsed)) if parsed else {}
        for key, (row, read) in parsed.items():
            product = stored.get(key)
            if isinstance(read, FieldChanges):
                if product is None:
                    found.rejections.append(_unknown(row, key))
                    found.hashes.pop(key, None)
                elif values := changed_values(read.values, product):
                    found.updates[key] = SourceFieldUpdate(values, row.version)
                else:
                    found.unchanged += 1
            elif product is None or not self._has_pictures(read, product):
                found.works[key] = (row, read)
            elif values := changed_fields(read.fields, product):
                found.updates[key] = SourceFieldUpdate(values, row.version)
            else:
                found.unchanged += 1

    def _has_pictures(self, product: Product, stored: Mapping[str, Json]) -> bool:
        """Say whether the stored product's pictures come from these addresses, in this order."""
        pictures = stored.get(PICTURES, [])
        there = [one.get("url") for one in pictures if one.get("source") in OWN_SOURCES]
        return there == [self._fetcher.label(address) for address in product.pictures]


def without_versions(changes: RequestedChanges) -> RequestedChanges:
    """Return the same without the source's versions: changes that count because they come now."""
    return replace(
        changes,
        updates={key: replace(update, version="") for key, update in changes.updates.items()},
        works={key: (replace(row, version=""), read) for key, (row, read) in changes.works.items()},
    )


def _repeated(row: Row, key: str) -> Rejection:
    detail = "an earlier row has the same id; it went in, this one did not"
    return Rejection(row.line, "id", "duplicate", detail, key)


def _unknown(row: Row, key: str) -> Rejection:
    detail = "a row without a picture changes a product, and the index has none of this id"
    return Rejection(row.line, "image_link", "required", detail, key)
