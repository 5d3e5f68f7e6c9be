"""The trust desk's indices: cases, verdicts on pairs, the log of decisions, the policy of cases.

All are strict: a field nobody declared is an error, not a guess. What is only shown and
never searched (a member's evidence, a comment) is kept whole and not indexed. Adding a field is
safe; the type of one that is there can never be changed.
"""

from collections.abc import Mapping

from features.base import Json
from mappings.engine.documents import Documents
from mappings.engine.gateway import Gateway

KEYWORD = {"type": "keyword"}
DATE = {"type": "date"}
UNINDEXED = {"type": "object", "enabled": False}
FLAG = {"type": "boolean"}

LISTING_PICTURE = {"properties": {"product_id": KEYWORD, "image_id": KEYWORD}}

CASES = {
    "id": KEYWORD,
    "queue": KEYWORD,
    "state": KEYWORD,
    "representative": LISTING_PICTURE,
    "product_ids": KEYWORD,
    "image_ids": KEYWORD,
    # A double: as a float, .95 would be stored as less than the threshold .95.
    "probability": {"type": "double"},
    "size": {"type": "integer"},
    "members": UNINDEXED,
    "relatives": UNINDEXED,
    "owners": UNINDEXED,
    "seller_ids": KEYWORD,
    "is_representative_fixed": FLAG,
    "withdrawn_because": KEYWORD,
    "merged_into": KEYWORD,
    "opened_at": DATE,
    "updated_at": DATE,
    "holder": KEYWORD,
    "held_until": DATE,
    "decided_by": KEYWORD,
    "decided_at": DATE,
    "policy": KEYWORD,
    "comments": UNINDEXED,
    "skipped_by": KEYWORD,
    "round": {"type": "integer"},
    "settled": FLAG,
    "pending": UNINDEXED,
}
"""A case. `settled` is false while an action's consequences, kept in `pending`, are not all
carried out."""

VERDICTS = {
    "parties": UNINDEXED,
    "image_ids": KEYWORD,
    "product_ids": KEYWORD,
    "verdict": KEYWORD,
    "reviewer": KEYWORD,
    "at": DATE,
    "policy": KEYWORD,
    "case_id": KEYWORD,
    "decision_id": KEYWORD,
}
"""What was said of one pair of pictures; outlives the case."""

DECISIONS = {
    "id": KEYWORD,
    "at": DATE,
    "reviewer": KEYWORD,
    "action": KEYWORD,
    "case_id": KEYWORD,
    "queue": KEYWORD,
    "subject": KEYWORD,
    "verdict": KEYWORD,
    "product_ids": KEYWORD,
    "verdicts": UNINDEXED,
    "policy": KEYWORD,
    "comment": {"type": "text"},
    "undoes": KEYWORD,
    "disagrees": FLAG,
}
"""One line of the log: who did what, when, under which policy."""

POLICIES = {
    "other_seller": FLAG,
    "other_group": FLAG,
    "shared_from": {"type": "integer"},
    "reviewer": KEYWORD,
    "at": DATE,
}
"""Which matches are a case: one document, by the last admin who changed it."""

SETTINGS = {"index.number_of_shards": 1, "index.auto_expand_replicas": "0-1"}


class DeskIndex:
    """The desk's indices, whose names begin with `prefix`."""

    def __init__(self, gateway: Gateway, prefix: str = "lookalike") -> None:
        self._gateway = gateway
        self._fields: Mapping[str, Json] = {
            f"{prefix}-cases": CASES,
            f"{prefix}-verdicts": VERDICTS,
            f"{prefix}-decisions": DECISIONS,
            f"{prefix}-policies": POLICIES,
        }
        self.cases, self.verdicts, self.decisions, self.policies = map(
            self._documents, self._fields
        )

    def _documents(self, name: str) -> Documents:
        return self._gateway.documents(name)

    def prepare(self) -> None:
        """Create the indices and add the fields that are missing.

        Safe to repeat, also by several at once.
        """
        for name, properties in self._fields.items():
            if not self._gateway.indices(f"{name}*").count(name):
                mapping = {"dynamic": "strict", "properties": properties}
                self._gateway.create_index(name, mapping, SETTINGS)
                continue
            present = self._gateway.properties(name)
            if missing := {key: properties[key] for key in properties.keys() - present.keys()}:
                self._gateway.put_mapping(name, {}, missing)
