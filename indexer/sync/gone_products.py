"""Takes out of the index, or out of stock, what a source no longer has."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from indexer.sync.errors import RemovalRefused
from indexer.sync.settings import DELETE, SyncSettings
from indexer.sync.source_state import SourceState
from indexer.sync.source_writer import SourceFieldUpdate, SourceWriter, WriteOutcome
from indexer.sync.sync_report import SyncReport
from mappings.catalogue.catalogue import Catalogue

FEW = 5
"""So many products may always be gone, however small the source is."""

UNAVAILABLE = "out_of_stock"


class GoneProducts:
    """The products that one source no longer has."""

    def __init__(
        self,
        state: SourceState,
        catalogue: Catalogue,
        writer: SourceWriter,
        settings: SyncSettings,
        retry: Callable[[Callable[[], WriteOutcome]], WriteOutcome],
    ) -> None:
        self._state = state
        self._catalogue = catalogue
        self._writer = writer
        self._settings = settings
        self._retry = retry

    def remove(self, run: int, report: SyncReport, *, unreadable: int, confirmed: bool) -> None:
        """Remove what a run over the whole source has not met.

        Rows that could not be read may be among it: then nothing is removed. Raises RemovalRefused
        for more than the settings' share of the products, unless `confirmed`.
        """
        missing, known = self._state.missing(run), self._state.count()
        if not missing:
            return
        if unreadable:
            report.notes.append(
                f"{unreadable:,} rows could not be read, so the {missing:,} products that were not "
                "met stay; mend the source and run this again"
            )
            return
        if missing > max(FEW, self._settings.removal_share * known) and not confirmed:
            raise RemovalRefused(
                f"{missing:,} of {known:,} products are no longer in the source, more than "
                f"{self._settings.removal_share:.0%}, so they stay; if they are really gone, "
                "repeat the command with --yes"
            )
        for ids in self._state.scan_missing(run):
            self.apply(dict.fromkeys(ids, ""), report)

    def apply(self, versions: Mapping[str, str], report: SyncReport) -> None:
        """Remove products that the source says are gone, given its versions of that."""
        if not versions:
            return
        if self._settings.removal == DELETE:
            outcome = self._retry(partial(self._writer.delete, versions))
        else:
            outcome = self._retry(partial(self._mark_out_of_stock, list(versions), versions))
        report.removed += len(outcome.written)
        report.outdated += len(outcome.outdated)
        # A product that comes back is compared with the index again.
        self._state.forget(versions.keys() - outcome.refused.keys())

    def _mark_out_of_stock(self, ids: Sequence[str], versions: Mapping[str, str]) -> WriteOutcome:
        """Make products unavailable; a stock that they have becomes 0."""
        updates = {}
        for key, product in self._catalogue.stored().read(ids).items():
            values = {"availability": UNAVAILABLE}
            has_stock = {"stock": 0} if product.get("stock") else {}
            if product.get("availability") != UNAVAILABLE or has_stock:
                updates[key] = SourceFieldUpdate({**values, **has_stock}, versions[key])
        return self._writer.update(updates)
