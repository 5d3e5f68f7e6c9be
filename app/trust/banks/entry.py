"""An entry of a bank: one picture, or the hash of one, that is blocked or allowed."""

from collections.abc import Mapping
from dataclasses import dataclass
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

PREFIX = "bank:"
"""Prefix of the `product_id` that evidence and cases give to an entry."""


@dataclass(frozen=True)
class EntryDetails:
    """Details of a new entry: its reason, rights holder, policy and list.

    Raises InvalidQuery without a reason, or for a text that is too long.
    """

    reason: str
    rights_holder: str = ""
    policy: str = ""
    list: str = ""

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
    False), the PDQ hash it was imported as; both are 64 hex digits. `holder` is whose rights it
    touches, `policy` the rule it falls under, `list` the import it came with; '' where unknown.
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
        )


def entry_id(bank: str, image_id: str) -> str:
    """Return the id of a picture's or hash's entry in a bank."""
    return f"{bank}-{image_id}"


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
        entry_id(bank, image_id),
        bank,
        image_id,
        details.reason.strip(),
        details.rights_holder.strip(),
        details.policy.strip(),
        details.list.strip(),
        by,
        at,
        has_picture,
    )
