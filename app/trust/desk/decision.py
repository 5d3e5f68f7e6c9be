"""An action of a reviewer, as the log stores it and the webhook reports it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from app.trust.examination.evidence import ListingPicture
from features.base import Json

DECIDED, UNDONE, SKIPPED, COMMENTED = "decided", "undone", "skipped", "commented"
BANK_ADDED, BANK_REMOVED = "bank_added", "bank_removed"
REPRESENTATIVE_CHANGED, POLICY_CHANGED = "representative_changed", "policy_changed"
ACTIONS = (
    DECIDED, UNDONE, SKIPPED, COMMENTED, BANK_ADDED, BANK_REMOVED, REPRESENTATIVE_CHANGED,
    POLICY_CHANGED,
)  # fmt: skip

Clock = Callable[[], datetime]
"""Returns the time, with its zone."""


def now() -> datetime:
    """Return the current time in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Decision:
    """Who did what, when, under which policy.

    `subject` names the bank entry that a change of the banks concerns. `verdicts` maps the
    `ListingPicture.key` of each member to its verdict (for an undo, the verdict withdrawn).
    `undoes` is the id of the decision withdrawn. `disagrees` is set on second looks alone: whether
    they contradict the first decision.
    """

    id: str
    at: datetime
    reviewer: str
    action: str
    policy: str
    case_id: str | None = None
    queue: str | None = None
    subject: str | None = None
    verdicts: Mapping[str, str] = field(default_factory=dict)
    comment: str = ""
    undoes: str | None = None
    disagrees: bool | None = None

    def to_json(self) -> Json:
        """Return the document as stored."""
        return {
            **asdict(self),
            "at": self.at.isoformat(),
            "verdict": sorted(set(self.verdicts.values())),
            "product_ids": sorted({picture_from_key(key).product_id for key in self.verdicts}),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> "Decision":
        """Return what `to_json` gave."""
        known = {name: value[name] for name in cls.__dataclass_fields__}
        return cls(**{**known, "at": datetime.fromisoformat(value["at"])})


def decision_id(subject: str, at: datetime) -> str:
    """Return the id of an action on `subject` at that time; ids sort by time."""
    return f"{microseconds(at):017d}-{subject}"


def microseconds(at: datetime) -> int:
    """Return the microseconds since 1970, exactly."""
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def picture_from_key(key: str) -> ListingPicture:
    """Return the picture of a `ListingPicture.key`; an image id contains no colon."""
    image_id, _, product_id = key.partition(":")
    return ListingPicture(product_id, image_id)
