"""A case: listings with matching pictures, and the verdicts of reviewers about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

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

OPEN, DECIDED = "open", "decided"


@dataclass(frozen=True)
class CaseVersion:
    """The state of a stored document as it was read; a write over any other state is refused."""

    seq_no: int
    primary_term: int


@dataclass(frozen=True)
class Member:
    """One listing's picture, compared with the case's representative.

    `finding.alignment` lays this member's picture over the representative's. `verdict` is None
    until a reviewer decides.
    """

    finding: PairFinding
    verdict: str | None = None

    @property
    def picture(self) -> ListingPicture:
        """The picture and its listing."""
        return self.finding.picture


@dataclass(frozen=True)
class Case:
    """A representative picture, and members to decide about.

    `representative` is the picture all members were compared with: a listing's, or a bank entry's
    (then `representative.product_id` is ``bank:<entry id>``). `probability` is the highest
    P(same photo) among the members. The reviewer `claimed_by` has the case until `claimed_until`;
    no other reviewer gets it before. `round` counts the cases of this representative.
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
    version: CaseVersion | None = field(default=None, compare=False)

    @property
    def probability(self) -> float:
        """The highest P(same photo) among the members, 0 to 1."""
        return max((m.finding.p_same_photo for m in self.members), default=0.0)

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
            "members": [{**m.finding.to_json(), "verdict": m.verdict} for m in self.members],
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
            members=tuple(
                Member(PairFinding.from_json(member), member["verdict"])
                for member in value["members"]
            ),
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


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
