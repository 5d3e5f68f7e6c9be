"""Whether the features, region finders and readers that other packages bring can be used."""

from collections.abc import Callable, Sequence

from core.environment import Environment
from core.errors import LookalikeError
from core.plug_ins import PlugInProblem
from features import registry
from features.regions import finders
from indexer.feeds import registry as readers
from ops.checks.finding import Finding, Situation

SUBJECT = "plug-ins"

SEARCHES: Sequence[Callable[[Environment], list[PlugInProblem]]] = (
    registry.find_problems,
    finders.find_problems,
    readers.find_problems,
)


def check(situation: Situation) -> Finding:
    """Say which plug-ins are left out, and why. The rest starts without them."""
    try:
        problems = [problem for find in SEARCHES for problem in find(situation.environment)]
    except LookalikeError as error:
        return Finding(SUBJECT, str(error), "run `make install` again", is_blocking=False)
    if not problems:
        return Finding(SUBJECT, "every plug-in of another package can be used")
    text = "; ".join(f"{problem.subject} is left out: {problem.reason}" for problem in problems)
    cures = dict.fromkeys(problem.cure for problem in problems)
    return Finding(SUBJECT, text, "; ".join(cures), is_blocking=False)
