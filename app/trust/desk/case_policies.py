"""The policy of cases in force: that of the settings, until an admin stores another at the desk."""

from dataclasses import asdict, dataclass
from datetime import datetime

from app.trust.desk.case_policy import CasePolicy
from app.trust.desk.decision import Clock, now
from core.errors import Busy
from features.base import Json
from mappings.trust.desk import DeskIndex

KEY = "cases"


@dataclass(frozen=True)
class PolicyInForce:
    """A policy, who stored it and when; both are None for that of the settings."""

    policy: CasePolicy
    reviewer: str | None = None
    at: datetime | None = None


class CasePolicies:
    """Reads and stores the policy. Thread-safe."""

    def __init__(self, index: DeskIndex, default: CasePolicy, clock: Clock = now) -> None:
        """`default` is in force while none is stored."""
        self._index = index
        self._default = default
        self._clock = clock

    def current(self) -> CasePolicy:
        """Return the policy in force."""
        return self.in_force().policy

    def in_force(self) -> PolicyInForce:
        """Return the policy in force, with who stored it."""
        self._index.prepare()
        stored = self._index.policies.get(KEY)
        if stored is None:
            return PolicyInForce(self._default)
        source = stored.source
        names = asdict(self._default)
        return PolicyInForce(
            CasePolicy(**{name: source[name] for name in names}),
            source["reviewer"],
            datetime.fromisoformat(source["at"]),
        )

    def save(self, policy: CasePolicy, reviewer: str) -> PolicyInForce:
        """Put a policy in force; raises Busy where somebody else stores one at this moment."""
        self._index.prepare()
        at = self._clock()
        source: Json = {**asdict(policy), "reviewer": reviewer, "at": at.isoformat()}
        before = self._index.policies.get(KEY)
        written = (
            self._index.policies.replace(source, before)
            if before
            else self._index.policies.create(KEY, source)
        )
        if written is None:
            raise Busy("somebody else is changing the policy at this moment: look at it again")
        return PolicyInForce(policy, reviewer, at)
