"""The thresholds from which a case is opened."""

from dataclasses import dataclass

from app.trust.examination.evidence import PairFinding
from core.environment import Environment
from core.setting import Setting

SETTINGS = (
    Setting("LOOKALIKE_CASE_MIN_P", "0.5", "P(same photo) from which a sweep opens a case"),
    Setting(
        "LOOKALIKE_FLOOD",
        "50",
        "listings with one picture from which they become one `flood` case, which shows "
        "that many of them",
    ),
)


MIN_PROBABILITY = 0.5
FLOOD = 50


@dataclass(frozen=True)
class CaseThresholds:
    """The conditions for opening a case.

    `min_probability` is the lowest P(same photo), or P(same product) among look-alikes. A group of
    more than `flood` listings is one `flood` case of the first `flood` of them. `similar` opens
    cases for look-alikes too.
    """

    min_probability: float = MIN_PROBABILITY
    flood: int = FLOOD
    similar: bool = False

    @classmethod
    def from_env(cls, environment: Environment) -> "CaseThresholds":
        """Read LOOKALIKE_CASE_MIN_P and LOOKALIKE_FLOOD."""
        return cls(
            environment.number("LOOKALIKE_CASE_MIN_P", MIN_PROBABILITY, 0.01, 1),
            environment.integer("LOOKALIKE_FLOOD", FLOOD, 2, 1000),
        )

    def accepts(self, finding: PairFinding) -> bool:
        """Say whether a finding can lead to a case."""
        return (
            self.probability(finding, by_product=False) > 0
            or self.probability(finding, by_product=True) > 0
        )

    def probability(self, finding: PairFinding, *, by_product: bool) -> float:
        """Return the probability to group by: P(same photo), or P(same product) of look-alikes.

        0 if the finding is of the other kind or not probable enough.
        """
        is_photo = finding.p_same_photo >= self.min_probability
        if not by_product:
            return finding.p_same_photo if is_photo else 0.0
        is_lookalike = (
            self.similar
            and not is_photo
            and finding.label == "same_product"
            and finding.p_same_product >= self.min_probability
        )
        return finding.p_same_product if is_lookalike else 0.0
