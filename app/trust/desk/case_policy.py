"""The policy of cases: which listings that show the same photo are a dispute at all.

It decides what a reviewer is asked, never what is true: a check reports every match.
"""

from dataclasses import dataclass

from core.environment import Environment
from core.setting import Setting

SETTINGS = (
    Setting(
        "LOOKALIKE_CASE_OTHER_SELLER",
        "yes",
        "open cases only between listings of different sellers, until the desk's policy page "
        "says otherwise",
    ),
    Setting(
        "LOOKALIKE_CASE_OTHER_GROUP",
        "yes",
        "open cases only between listings of different `item_group_id`, until the desk's policy "
        "page says otherwise",
    ),
    Setting(
        "LOOKALIKE_CASE_SHARED_FROM",
        "3",
        "products of one seller with the same additional picture (a size chart, a brand card) "
        "from which that picture opens no case, until the desk's policy page says otherwise; "
        "0 turns it off",
    ),
)

SHARED_FROM, MOST_SHARED = 3, 1000


@dataclass(frozen=True)
class ListingOwner:
    """The seller and the group of a listing; None where the feed names none."""

    seller_id: str | None = None
    item_group_id: str | None = None


@dataclass(frozen=True)
class CasePolicy:
    """What a case needs.

    `other_seller`: another seller; a listing without a seller counts as another's. `other_group`:
    another `item_group_id`. `shared_from`: products of one seller that show one picture beside
    different first pictures, from which it is no evidence; 0 turns that off.
    """

    other_seller: bool = True
    other_group: bool = True
    shared_from: int = SHARED_FROM

    @classmethod
    def from_env(cls, environment: Environment) -> "CasePolicy":
        """Read LOOKALIKE_CASE_*; raises InvalidSetting naming the bad variable."""
        return cls(
            environment.flag("LOOKALIKE_CASE_OTHER_SELLER", True),
            environment.flag("LOOKALIKE_CASE_OTHER_GROUP", True),
            environment.integer("LOOKALIKE_CASE_SHARED_FROM", SHARED_FROM, 0, MOST_SHARED),
        )

    def describe(self) -> str:
        """Return the policy in one line, for the log."""
        words = {True: "yes", False: "no"}
        return (
            f"other_seller {words[self.other_seller]}, other_group {words[self.other_group]}, "
            f"shared_from {self.shared_from}"
        )

    def opens(self, a: ListingOwner, b: ListingOwner) -> bool:
        """Say whether two listings that show the same photo are a dispute."""
        is_own = a.seller_id is not None and a.seller_id == b.seller_id
        is_variant = a.item_group_id is not None and a.item_group_id == b.item_group_id
        return not (self.other_seller and is_own) and not (self.other_group and is_variant)
