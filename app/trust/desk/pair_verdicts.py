"""Verdicts on pairs of pictures, stored by pair: they outlive cases and re-indexing."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence

from app.trust.desk.case import Case
from app.trust.desk.decision import Decision, microseconds, picture_from_key
from app.trust.examination.evidence import ListingPicture
from mappings.engine.documents import Documents, VersionedWrite

IMAGES_AT_ONCE = 1000

PAIR_ORDER = [
    {"decision_id": "asc"},
    *(
        {name: {"order": order, "mode": mode}}
        for name in ("image_ids", "product_ids")
        for order, mode in (("asc", "min"), ("desc", "max"))
    ),
]
"""Within a decision, no two verdicts are about the same two pictures of the same two listings."""


class PairVerdictStore:
    """Stores, withdraws and looks up the verdicts on pairs.

    Every write carries the time of its decision as its version. If the delayed write of a decision
    meets the write of its undo, the later of the two stays.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def save(self, case: Case, decision: Decision) -> None:
        """Store the verdicts of a decision about a case; safe to repeat."""
        writes, others = [], _other_pictures(case)
        for key, verdict in decision.verdicts.items():
            pair = sorted((others[key], picture_from_key(key)), key=lambda picture: picture.key)
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
        others = _other_pictures(case)
        ids = [_pair_id(others[key], picture_from_key(key)) for key in undoing.verdicts]
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

    def verdicts_about(self, image_ids: Collection[str]) -> Mapping[frozenset[ListingPicture], str]:
        """Return every verdict on pairs with one of these pictures."""
        self._documents.refresh()
        ids, found = sorted(set(image_ids)), {}
        for start in range(0, len(ids), IMAGES_AT_ONCE):
            query = {"terms": {"image_ids": ids[start : start + IMAGES_AT_ONCE]}}
            for stored in self._documents.scan({"query": query, "sort": PAIR_ORDER}):
                pair = frozenset(ListingPicture(**each) for each in stored.source["parties"])
                found[pair] = stored.source["verdict"]
        return found


def _other_pictures(case: Case) -> dict[str, ListingPicture]:
    """Return the picture that each member was compared with, by the member's key."""
    return {member.picture.key: case.other_picture(member) for member in case.members}


def _pair_id(a: ListingPicture, b: ListingPicture) -> str:
    keys = json.dumps(sorted((a.key, b.key)))
    return hashlib.sha256(keys.encode("utf-8", "surrogatepass")).hexdigest()
