"""What reviewers have answered about pairs of pictures: no case asks it again.

An answer holds for two pictures for good. A decided case answers for all its listings: only a
picture that was added after the decision is asked about once more. So neither a second picture of
the same two listings nor another model's findings bring a dispute back.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from app.trust.desk.case import DECIDED, Case
from app.trust.examination.evidence import ListingPicture

DIFFERENT = "different"
"""The verdict that parts two pictures."""

UNDECIDED, JOINED, PARTED = "undecided", "joined", "parted"
"""Nobody was asked about two pictures; a verdict joins them; there is nothing to ask any more."""


class EarlierAnswers:
    """The verdicts on pairs, and the decided cases."""

    def __init__(
        self,
        verdicts: Mapping[frozenset[ListingPicture], str],
        cases: Iterable[Case],
        added_at: Callable[[ListingPicture], str],
    ) -> None:
        """`added_at` returns when a listing got a picture, as ISO 8601; '' for long ago."""
        self._verdicts = verdicts
        self._added_at = added_at
        self._decided: dict[str, dict[str, datetime]] = defaultdict(dict)
        for case in cases:
            if case.state == DECIDED and case.decided_at is not None:
                for product_id in case.product_ids:
                    self._decided[product_id][case.id] = case.decided_at

    def relation(self, a: ListingPicture, b: ListingPicture) -> str:
        """Return UNDECIDED, JOINED or PARTED."""
        verdict = self._verdicts.get(frozenset((a, b)))
        if verdict is not None:
            return PARTED if verdict == DIFFERENT else JOINED
        first, second = (self._decided.get(each.product_id, {}) for each in (a, b))
        last = max((first[key] for key in first.keys() & second.keys()), default=None)
        if last is not None and not any(self._is_newer(picture, last) for picture in (a, b)):
            return PARTED
        return UNDECIDED

    def _is_newer(self, picture: ListingPicture, moment: datetime) -> bool:
        added_at = self._added_at(picture)
        return bool(added_at) and datetime.fromisoformat(added_at) > moment
