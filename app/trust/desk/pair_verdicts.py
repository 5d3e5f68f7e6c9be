"""Verdicts on pairs of pictures, stored by pair: they outlive cases and re-indexing."""

import hashlib
import json
from collections.abc import Sequence

from app.trust.desk.case import Case
from app.trust.desk.decision import Decision, microseconds, picture_from_key
from app.trust.examination.evidence import ListingPicture
from mappings.engine.documents import Documents, VersionedWrite


class PairVerdictStore:
    """Stores, withdraws and looks up the verdicts on pairs.

    Every write carries the time of its decision as its version. If the delayed write of a decision
    meets the write of its undo, the later of the two stays.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def save(self, case: Case, decision: Decision) -> None:
        """Store the verdicts of a decision about a case; safe to repeat."""
        writes = []
        for key, verdict in decision.verdicts.items():
            pair = sorted(
                (case.representative, picture_from_key(key)), key=lambda picture: picture.key
            )
            document = {
                "parties": [{"product_id": p.product_id, "image_id": p.image_id} for p in pair],
                "product_ids": [p.product_id for p in pair],
                "image_ids": [p.image_id for p in pair],
                "verdict": verdict,
                "reviewer": decision.reviewer,
                "at": decision.at.isoformat(),
                "policy": decision.policy,
                "case_id": case.id,
                "decision_id": decision.id,
            }
            writes.append(VersionedWrite(_pair_id(*pair), document, microseconds(decision.at)))
        self._documents.write_many(writes)

    def withdraw(self, case: Case, undoing: Decision) -> None:
        """Remove the verdicts of the undone decision, except where a later one replaced them."""
        ids = [_pair_id(case.representative, picture_from_key(key)) for key in undoing.verdicts]
        verdicts = self._documents.get_many(ids, ["decision_id"])
        writes = [
            VersionedWrite(key, None, microseconds(undoing.at))
            for key, stored in verdicts.items()
            if stored.source["decision_id"] == undoing.undoes
        ]
        self._documents.write_many(writes)

    def decided_pairs(
        self, pairs: Sequence[tuple[ListingPicture, ListingPicture]]
    ) -> set[frozenset[ListingPicture]]:
        """Return the pairs that have a verdict; the order within a pair does not matter."""
        by_id = {_pair_id(*pair): frozenset(pair) for pair in pairs}
        return {by_id[key] for key in self._documents.get_many(list(by_id), ["verdict"])}


def _pair_id(a: ListingPicture, b: ListingPicture) -> str:
    keys = json.dumps(sorted((a.key, b.key)))
    return hashlib.sha256(keys.encode("utf-8", "surrogatepass")).hexdigest()
