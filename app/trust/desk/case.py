"""A case: listings with matching pictures, and the verdicts of reviewers about them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from app.trust.desk.case_policy import ListingOwner
from app.trust.examination.evidence import ListingPicture, PairFinding
from features.base import Json

QUEUES = ("blocked", "flood", "same_file", "same_photo", "same_product", "second_look")
"""The queue a case waits in. `blocked`: a picture of the blocked bank; `flood`: one picture in very
many listings; `second_look`: a decided case that a second reviewer decides too, without knowing.
"""

VERDICTS = ("duplicate", "stolen_photo", "permitted", "different")
"""A reviewer's verdict on a member compared with the representative: the same listing twice;
another seller's photo used without permission; the same photo used with permission; another photo.
"""

OPEN, DECIDED, WITHDRAWN = "open", "decided", "withdrawn"

MERGED, OUTSIDE_POLICY, DELETED = "merged", "outside_policy", "deleted"
WITHDRAWALS = (MERGED, OUTSIDE_POLICY, DELETED)
"""Why a case was withdrawn without a decision: another case includes it; under the policy in
force nothing is left to ask; its listings or pictures are no longer in the catalogue."""


@dataclass(frozen=True)
class CaseVersion:
    """The state of a stored document as it was read; a write over any other state is refused."""

    seq_no: int
    primary_term: int


@dataclass(frozen=True)
class Member:
    """One listing's picture, compared with another picture of the case.

    `compared_with` is that picture; None stands for the case's representative
    (`Case.other_picture`). `finding.alignment` lays this member's picture over it. `verdict` is
    about the two, and None until a reviewer decides.
    """

    finding: PairFinding
    verdict: str | None = None
    compared_with: ListingPicture | None = None

    @property
    def picture(self) -> ListingPicture:
        """The picture and its listing."""
        return self.finding.picture


@dataclass(frozen=True)
class Case:
    """One dispute: a representative picture, and members to decide about.

    `representative` is the oldest picture, or the one a reviewer chose (`is_representative_fixed`):
    a listing's, or a bank entry's (then `representative.product_id` is ``bank:<entry id>``).
    Members are compared with it, with another picture of its listing, or with another member's.
    `relatives` are pictures of other listings that the policy counts to the representative's, such
    as variants: nothing is asked about them. `owners` maps a listing to its seller and group.
    `probability` is the highest P(same photo) among the members. The reviewer `claimed_by` has the
    case until `claimed_until`; no other reviewer gets it before. `round` counts the cases of this
    representative. `withdrawn_because` is one of WITHDRAWALS, `merged_into` the id of the case
    that includes this one now.
    """

    id: str
    queue: str
    representative: ListingPicture
    members: tuple[Member, ...]
    opened_at: datetime
    updated_at: datetime
    state: str = OPEN
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    policy: str | None = None
    comments: tuple[Mapping[str, Json], ...] = ()
    skipped_by: tuple[str, ...] = ()
    round: int = 1
    relatives: tuple[Member, ...] = ()
    owners: Mapping[str, ListingOwner] = field(default_factory=dict)
    is_representative_fixed: bool = False
    withdrawn_because: str | None = None
    merged_into: str | None = None
    version: CaseVersion | None = field(default=None, compare=False)

    @property
    def probability(self) -> float:
        """The highest P(same photo) among the members, 0 to 1."""
        return max((m.finding.p_same_photo for m in self.members), default=0.0)

    @property
    def pictures(self) -> set[ListingPicture]:
        """The pictures of the representative, the members and the relatives."""
        return {self.representative, *(m.picture for m in (*self.members, *self.relatives))}

    @property
    def product_ids(self) -> set[str]:
        """The listings of the case, with those that pictures are compared with."""
        others = {self.other_picture(member) for member in (*self.members, *self.relatives)}
        return {picture.product_id for picture in self.pictures | others}

    @property
    def is_representative_free(self) -> bool:
        """Whether another picture may represent the case: not a bank entry's, nor a second look's.

        Else the pairs of the second look would not be those of the first decision.
        """
        return self.queue not in ("blocked", "second_look")

    def other_picture(self, member: Member) -> ListingPicture:
        """Return the picture that a member was compared with."""
        return member.compared_with or self.representative

    def to_json(self) -> Json:
        """Return the document as stored; the engine keeps the version outside of it."""
        return {
            "id": self.id,
            "queue": self.queue,
            "state": self.state,
            "representative": {
                "product_id": self.representative.product_id,
                "image_id": self.representative.image_id,
            },
            "product_ids": sorted({m.picture.product_id for m in self.members}),
            "image_ids": sorted({m.picture.image_id for m in self.members}),
            "probability": self.probability,
            "size": len(self.members) + 1,
            "members": [_member_to_json(member) for member in self.members],
            "relatives": [_member_to_json(member) for member in self.relatives],
            "owners": {
                product_id: [owner.seller_id, owner.item_group_id]
                for product_id, owner in self.owners.items()
            },
            "seller_ids": sorted({o.seller_id for o in self.owners.values() if o.seller_id}),
            "is_representative_fixed": self.is_representative_fixed,
            "withdrawn_because": self.withdrawn_because,
            "merged_into": self.merged_into,
            "opened_at": self.opened_at.isoformat(),
            "updated_at": self.updated_at.isoformat(),
            "holder": self.claimed_by,
            "held_until": self.claimed_until.isoformat() if self.claimed_until else None,
            "decided_by": self.decided_by,
            "decided_at": self.decided_at.isoformat() if self.decided_at else None,
            "policy": self.policy,
            "comments": [dict(comment) for comment in self.comments],
            "skipped_by": list(self.skipped_by),
            "round": self.round,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Json], version: CaseVersion | None = None) -> "Case":
        """Return what `to_json` gave."""
        return cls(
            id=value["id"],
            queue=value["queue"],
            representative=ListingPicture(**value["representative"]),
            members=tuple(_member(member) for member in value["members"]),
            relatives=tuple(_member(member) for member in value.get("relatives", ())),
            owners={
                product_id: ListingOwner(*owner)
                for product_id, owner in value.get("owners", {}).items()
            },
            is_representative_fixed=value.get("is_representative_fixed", False),
            withdrawn_because=value.get("withdrawn_because"),
            merged_into=value.get("merged_into"),
            opened_at=datetime.fromisoformat(value["opened_at"]),
            updated_at=datetime.fromisoformat(value["updated_at"]),
            state=value["state"],
            claimed_by=value["holder"],
            claimed_until=_moment(value["held_until"]),
            decided_by=value["decided_by"],
            decided_at=_moment(value["decided_at"]),
            policy=value["policy"],
            comments=tuple(value["comments"]),
            skipped_by=tuple(value["skipped_by"]),
            round=value["round"],
            version=version,
        )

    def with_version(self, version: CaseVersion) -> "Case":
        """Return the same case, known to be stored as `version`."""
        return replace(self, version=version)


def _member_to_json(member: Member) -> Json:
    other = asdict(member.compared_with) if member.compared_with else None
    return {**member.finding.to_json(), "verdict": member.verdict, "compared_with": other}


def _member(value: Mapping[str, Json]) -> Member:
    other = value.get("compared_with")
    return Member(
        PairFinding.from_json(value), value["verdict"], ListingPicture(**other) if other else None
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
