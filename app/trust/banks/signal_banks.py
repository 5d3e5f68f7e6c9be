"""The banks as programs that match hashes see them: any number of named banks.

`BLOCKED` and `ALLOWED` are the desk's two banks. Every other named bank is a list of that name
within the blocked bank: listings that show one of its pictures become cases at the desk.
"""

from collections.abc import Mapping
from dataclasses import replace

from app.trust.banks.bank_matcher import HASH_FEATURE
from app.trust.banks.banks import Banks
from app.trust.banks.entry import (
    ALLOWED,
    BLOCKED,
    NAMED_LIST,
    PREFIX,
    BankEntry,
    EntryDetails,
)
from app.trust.banks.signal_matcher import UNKNOWN_QUALITY, bank_name
from app.trust.banks.signal_types import FEATURES, PDQ, SAME_PHOTO, SHA256, check_signal
from app.trust.desk.decision import BANK_REMOVED
from app.trust.desk.desk import Desk
from app.trust.errors import BankExists
from core.errors import InvalidQuery, NotFound
from core.expiring import ExpiringValue
from features.base import Json
from features.pdq import stored_value
from mappings.catalogue.products import PICTURES
from mappings.engine.gateway import Gateway
from mappings.trust.banks import BankIndex
from mappings.trust.named_banks import NamedBank, NamedBankIndex
from mappings.trust.signal_lookup import count_lists, ids_of_content, ids_of_list

BUILT_IN = {BLOCKED.upper(): BLOCKED, ALLOWED.upper(): ALLOWED}
REASON = "added by a program, through /hma/"
DELETED_AT_ONCE = 1000

RATIOS_MAX_AGE_S = 1.0
"""How long a lookup goes by the ratios read last; what this process sets counts at once."""


class SignalBanks:
    """Reads and writes named banks and their entries. Thread-safe."""

    def __init__(
        self,
        gateway: Gateway,
        index: BankIndex,
        names: NamedBankIndex,
        banks: Banks,
        desk: Desk,
    ) -> None:
        self._gateway = gateway
        self._index = index
        self._names = names
        self._banks = banks
        self._desk = desk
        self._ratios = self._expiring_ratios()

    def all(self) -> list[NamedBank]:
        """Return every bank: the two of the desk, those created, and the lists named like banks."""
        self._index.prepare()
        known = {name: NamedBank(name) for name in BUILT_IN}
        lists = count_lists(self._gateway, self._index.name)
        known |= {name: NamedBank(name) for name in lists if NAMED_LIST.fullmatch(name)}
        known |= {bank.name: bank for bank in self._names.all()}
        return [known[name] for name in sorted(known)]

    def get(self, name: str) -> NamedBank:
        """Return a bank; raises NotFound."""
        if (bank := self._names.get(name)) is not None:
            return bank
        for bank in self.all():
            if bank.name == name:
                return bank
        raise NotFound(f"there is no bank {name[:80]!r}")

    def ratios(self) -> Mapping[str, float]:
        """Return the share of lookups that banks answer, by name; a bank left out answers all."""
        return self._ratios.current()

    def create(self, bank: NamedBank) -> NamedBank:
        """Create an empty bank; raises InvalidQuery for a bad name, BankExists."""
        if not NAMED_LIST.fullmatch(bank.name):
            raise InvalidQuery("a bank's name has capital letters A to Z, digits and _ alone")
        if bank.name in BUILT_IN or not self._names.create(bank):
            raise BankExists(f"there is a bank {bank.name} already")
        self._ratios = self._expiring_ratios()
        return bank

    def set_ratio(self, name: str, ratio: float) -> NamedBank:
        """Set the share of lookups, 0 to 1, that a bank answers; raises NotFound."""
        bank = replace(self.get(name), matching_enabled_ratio=ratio)
        if not self._names.create(bank):
            self._names.replace(bank)
        self._ratios = self._expiring_ratios()
        return bank

    def delete(self, name: str, by: str) -> int:
        """Delete a bank and its entries; return how many. Raises InvalidQuery for a built-in one.

        A bank that there is not has none.
        """
        if name in BUILT_IN:
            raise InvalidQuery(f"{name} is built in: remove its entries instead")
        self._index.prepare()
        removed = 0
        while ids := ids_of_list(self._gateway, self._index.name, name, DELETED_AT_ONCE):
            self._index.delete(*ids)
            self._index.refresh()
            removed += len(ids)
        self._names.delete(name)
        self._ratios = self._expiring_ratios()
        if removed:
            comment = f"the bank {name} with its {removed} entries"
            self._desk.record(BANK_REMOVED, by, subject=f"{PREFIX}{name}", comment=comment)
        return removed

    def add_picture(
        self, name: str, data: bytes, metadata: Mapping[str, Json], by: str
    ) -> BankEntry:
        """Add a picture to a bank. Raises NotFound, and as `Banks.add`."""
        self.get(name)
        role, list_name = _role(name)
        details = EntryDetails(REASON, list=list_name, metadata=metadata)
        return self._banks.add(role, data, details, by).entry

    def add_signals(self, name: str, signals: Mapping[str, str], by: str) -> BankEntry:
        """Add one entry with these signals, by type; the same signals again change nothing.

        Raises NotFound, UnknownName, and InvalidQuery for a malformed signal or `same_photo`,
        which stands for a picture: add the picture instead.
        """
        self.get(name)
        checked = {kind: check_signal(kind, signal) for kind, signal in signals.items()}
        if SAME_PHOTO in checked or not checked:
            raise InvalidQuery(
                "give a pdq or a sha256 signal; to match edited copies too, add the picture itself"
            )
        role, list_name = _role(name)
        image_id = checked.get(SHA256) or checked[PDQ]
        values: dict[str, Json] = {}
        if SHA256 in checked:
            values[FEATURES[SHA256]] = checked[SHA256]
        if PDQ in checked:
            values[HASH_FEATURE] = stored_value(checked[PDQ], UNKNOWN_QUALITY)
        details = EntryDetails(REASON, list=list_name)
        return self._banks.add_hashes(role, image_id, values, details, by).entry

    def entry(self, name: str, number: int) -> tuple[BankEntry, dict[str, str]]:
        """Return the entry of a bank with this content id, and its signals; raises NotFound."""
        self._index.prepare()
        ids = ids_of_content(self._gateway, self._index.name, number)
        for source in self._index.get(ids).values():
            entry = BankEntry.from_json(source)
            if bank_name(entry.bank, entry.list) == name:
                return entry, _signals(entry, source)
        raise NotFound(f"the bank {name[:80]!r} has no content {number}")

    def set_disabled_until(self, name: str, number: int, disabled_until: int) -> BankEntry:
        """Say from when an entry matches (`BankEntry.disabled_until`); raises NotFound."""
        entry, _ = self.entry(name, number)
        self._index.update(entry.picture.product_id, {"disabled_until": disabled_until})
        self._index.refresh()
        return replace(entry, disabled_until=disabled_until)

    def remove(self, name: str, number: int, by: str) -> None:
        """Remove an entry from a bank; raises NotFound."""
        entry, _ = self.entry(name, number)
        self._banks.remove(entry.id, by)

    def _expiring_ratios(self) -> ExpiringValue[Mapping[str, float]]:
        def read() -> Mapping[str, float]:
            return {bank.name: bank.matching_enabled_ratio for bank in self._names.all()}

        return ExpiringValue(read, RATIOS_MAX_AGE_S)

    def lists(self) -> Mapping[str, tuple[int, int]]:
        """Return of each imported list its entries, and when the newest was added (s since 1970).

        Named banks are no lists of this kind.
        """
        self._index.prepare()
        found = count_lists(self._gateway, self._index.name)
        return {name: counts for name, counts in found.items() if not NAMED_LIST.fullmatch(name)}


def _role(name: str) -> tuple[str, str]:
    """Return which of the desk's banks a named bank is in, and the name of its list there."""
    return (BUILT_IN[name], "") if name in BUILT_IN else (BLOCKED, name)


def _signals(entry: BankEntry, source: Mapping[str, Json]) -> dict[str, str]:
    (picture,) = source[PICTURES]
    signals = {}
    if HASH_FEATURE in picture:
        signals[PDQ] = picture[HASH_FEATURE].get("bits", "")
    if entry.has_picture or FEATURES[SHA256] in picture:
        signals[SHA256] = entry.image_id
    if entry.has_picture:
        signals[SAME_PHOTO] = entry.image_id
    return {name: signal for name, signal in signals.items() if signal}
