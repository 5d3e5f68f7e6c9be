"""Who is in which variant: decided by a hash, so nothing is stored and every worker agrees."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.experiments.experiment import Experiment, Overrides


@dataclass(frozen=True)
class Assignment:
    """A client's variant, and what it searches with."""

    experiment: str
    variant: str
    overrides: Overrides
    is_about_words: bool = False


def assign(experiments: Sequence[Experiment], client: str, now: datetime) -> Assignment | None:
    """Return the variant of a client in the experiment that runs; None where none is theirs.

    `client` is a pseudonym; "" takes part in nothing. Two hashes decide: whether a client takes
    part, and in which variant. So a larger share later adds clients and moves none.
    """
    running = next((item for item in experiments if item.is_running(now)), None)
    if running is None or not client or _fraction(running.id, "share", client) >= running.share:
        return None
    place = _fraction(running.id, "variant", client) * sum(running.weights())
    for variant in running.variants:
        place -= variant.weight
        if place < 0:
            break
    return Assignment(running.id, variant.id, variant.overrides, running.is_about_words)


def _fraction(experiment: str, purpose: str, client: str) -> float:
    """Return a number from 0 to below 1 that is the same for the same client every time."""
    digest = hashlib.sha256("\0".join((experiment, purpose, client)).encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48
