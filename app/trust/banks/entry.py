"""An entry of a bank: one picture, or the hash of one, that is blocked or allowed.

A list whose name is in capitals (`NAMED_LIST`) is a bank of its own to programs that match hashes
(`signal_banks`): the same picture may be in several such lists, and in others once.
"""

import hashlib
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.trust.examination.evidence import ListingPicture
from core.errors import InvalidQuery
from features.base import Json
from mappings.catalogue.products import PICTURES

BLOCKED, ALLOWED = "blocked", "allowed"
BANKS = (BLOCKED, ALLOWED)
"""Blocked: pictures of rights holders and known fraud. Allowed: stock photos of manufacturers and
the like, which never open a case."""

LONGEST_REASON, LONGEST_NAME = 1000, 200

NAMED_LIST = re.compile(r"[A-Z0-9_]{1,200}")
"""Names of lists that are banks of their own, as Hasher-Matcher-Actioner writes bank names."""

DISABLED, ENABLED = 0, 1
"""Values of `disabled_until` that are no times."""

PREFIX = "bank:"
"""Prefix of the `product_id` that evidence and cases give to an entry."""


@dataclass(frozen=True)
class EntryDetails:
    """Details of a new entry: its reason, rights holder, policy, list, and a program's own notes.

    Raises InvalidQuery without a reason, or for a text that is too long.
    """

    reason: str
    rights_holder: str = ""
    policy: str = ""
    list: str = ""
    metadata: Mapping[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise InvalidQuery("give a reason, so that others know why the entry is there")
        if len(self.reason) > LONGEST_REASON:
            raise InvalidQuery(f"a reason has at most {LONGEST_REASON} characters")
        if max(map(len, (self.rights_holder, self.policy, self.list))) > LONGEST_NAME:
            raise InvalidQuery(
                f"holder, policy and list have at most {LONGEST_NAME} characters each"
            )


@dataclass(frozen=True)
class BankEntry:
    """One entry. `id` is ``<bank>-<image_id>``, so the same picture is in a bank once.

    `image_id` is the SHA-256 of the picture's file, or, where there is no picture (`has_picture`
    False), the hash it was imported as; both are 64 hex digits. `holder` is whose rights it
    touches, `policy` the rule it falls under, `list` the import it came with; '' where unknown.
    `disabled_until` is `ENABLED`, `DISABLED`, or the second since 1970 from which it matches again.
    `metadata` is what a program noted with it.
    """

    id: str
    bank: str
    image_id: str
    reason: str
    rights_holder: str
    policy: str
    list: str
    added_by: str
    added_at: datetime
    has_picture: bool
    disabled_until: int = ENABLED
    metadata: Mapping[str, Json] = field(default_factory=dict)

    @property
    def content_id(self) -> int:
        """The entry's number for programs that know entries by number (`content_id`)."""
        return content_id(PREFIX + self.id)

    @property
    def is_enabled(self) -> bool:
        """Whether the entry matches pictures now."""
        return is_enabled(self.disabled_until)

    @property
    def picture(self) -> ListingPicture:
        """The entry as evidence and cases name it."""
        return ListingPicture(PREFIX + self.id, self.image_id)

    def document(self, picture: Mapping[str, Json]) -> dict[str, Json]:
        """Return the document to store, with its nested picture document."""
        return {
            "id": PREFIX + self.id,
            "bank": self.bank,
            "reason": self.reason,
            "holder": self.rights_holder,
            "policy": self.policy,
            "list": self.list,
            "added_by": self.added_by,
            "added_at": self.added_at.isoformat(),
            "content_id": self.content_id,
            "disabled_until": self.disabled_until,
            "metadata": dict(self.metadata),
            PICTURES: [{**picture, "image_id": self.image_id}],
        }

    @classmethod
    def from_json(cls, source: Mapping[str, Json]) -> "BankEntry":
        """Return the entry of a stored document."""
        (picture,) = source[PICTURES]
        return cls(
            id=str(source["id"]).removeprefix(PREFIX),
            image_id=picture["image_id"],
            added_at=datetime.fromisoformat(source["added_at"]),
            has_picture="width" in picture,
            bank=source["bank"],
            reason=source["reason"],
            rights_holder=source["holder"],
            policy=source["policy"],
            list=source["list"],
            added_by=source["added_by"],
            disabled_until=source.get("disabled_until", ENABLED),
            metadata=source.get("metadata", {}),
        )


def entry_id(bank: str, image_id: str, name: str = "") -> str:
    """Return the id of a picture's or hash's entry in a bank; `name` is that of its list."""
    return f"{bank}.{name}-{image_id}" if is_named_list(name) else f"{bank}-{image_id}"


def is_named_list(name: str) -> bool:
    """Say whether a list is a bank of its own to programs that match hashes."""
    return bool(NAMED_LIST.fullmatch(name))


def content_id(product_id: str) -> int:
    """Return a number below 2^52 for an entry: the first 52 bits of the SHA-256 of its id.

    Exact in every language's JSON. Two of a million entries share a number with odds of 1 : 9,000.
    """
    return int(hashlib.sha256(product_id.encode()).hexdigest()[:13], 16)


def is_enabled(disabled_until: int) -> bool:
    """Say whether an entry with this value matches pictures now."""
    return disabled_until != DISABLED and disabled_until <= time.time()


def new_entry(
    bank: str,
    image_id: str,
    details: EntryDetails,
    by: str,
    at: datetime,
    *,
    has_picture: bool = True,
) -> BankEntry:
    """Return a new entry."""
    return BankEntry(
        entry_id(bank, image_id, details.list.strip()),
        bank,
        image_id,
        details.reason.strip(),
        details.rights_holder.strip(),
        details.policy.strip(),
        details.list.strip(),
        by,
        at,
        has_picture,
        metadata=details.metadata,
    )
