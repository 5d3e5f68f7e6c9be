"""What a check looks at, and what it found."""

from dataclasses import dataclass

from core.environment import Environment
from ops.server import Server


@dataclass(frozen=True)
class Situation:
    """The settings, and the Elasticsearch that runs now: the given one, the local one, or none."""

    environment: Environment
    server: Server | None = None


@dataclass(frozen=True)
class Finding:
    """One plain line. A finding with a cure is a fault; a blocking one makes a start hopeless."""

    subject: str
    text: str
    cure: str = ""
    is_blocking: bool = True

    @property
    def is_fault(self) -> bool:
        """Say whether something is wrong."""
        return bool(self.cure)

    def __str__(self) -> str:
        if self.is_fault:
            return f"FAULT  {self.subject}: {self.text}. Cure: {self.cure}"
        return f"ok     {self.subject}: {self.text}"
