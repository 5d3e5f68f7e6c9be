"""How a feed writes its amounts: which mark is the decimal one, and which currency goes unsaid.

Found by consensus of the feed's own amounts. 1.226 could be either of two numbers. Prices seldom
have three decimals, so the mark groups thousands, unless other amounts in the same currency use it
as their decimal mark. An amount without a currency is in the one that all others name.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property

from indexer.feeds.amounts import AmountText

MARK_NAMES = {"": "none", ".": "1,234.56", ",": "1.234,56"}
"""How the report names a decimal mark."""


class NumberFormat:
    """The decimal marks and the currency of a feed. Thread-safe but for its counts.

    `amounts` are read when the first unclear one is met, which many feeds have none of. `currency`
    is that of amounts for which the feed names none, where somebody said so.
    """

    def __init__(self, amounts: Iterable[AmountText] = (), currency: str | None = None) -> None:
        self._amounts = amounts
        self._said = currency
        self._read: Counter[tuple[str | None, str]] = Counter()
        self._unclear: dict[str, float] = {}

    @cached_property
    def _consensus(self) -> Mapping[str | None, set[str]]:
        marks: dict[str | None, set[str]] = {}
        for amount in self._amounts:
            marks.setdefault(amount.currency, set()).add(amount.decimal_mark or "")
        return marks

    @property
    def currencies(self) -> frozenset[str]:
        """The currencies that the feed's amounts name, or the one that was said."""
        if self._said:
            return frozenset({self._said})
        return frozenset(code for code in self._consensus if code)

    def value(self, amount: AmountText) -> float:
        """Return an amount; an unclear mark is the decimal one where the others all use it so."""
        mark = amount.decimal_mark
        if mark is not None:
            self._read[amount.currency, mark] += 1
            return amount.value(mark)
        unclear = next(character for character in amount.digits if character in ".,")
        used = self._consensus.get(amount.currency, set()) - {""}
        value = amount.value(unclear if used == {unclear} else "")
        self._unclear.setdefault(amount.digits, value)
        return value

    def __str__(self) -> str:
        """Return "numbers 1.234,56 (EUR), 1.299 read as 1299"; '' where no amount was read."""
        marks: dict[str, set[str]] = {}
        for code, mark in self._read:
            if mark:
                marks.setdefault(MARK_NAMES[mark], set()).add(code or "no currency")
        facts = [f"numbers {name} ({', '.join(sorted(codes))})" for name, codes in marks.items()]
        if self._unclear:
            digits, value = next(iter(self._unclear.items()))
            facts.append(f"numbers such as {digits} read as {value:g}")
        return ", ".join(facts)
