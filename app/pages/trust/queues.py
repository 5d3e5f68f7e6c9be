"""The desk's first page: what waits, how long, how much of it is worth a look, and the way in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import Response, redirect, request
from werkzeug.wrappers import Response as Answer

from app.accounts.access import sign_in_required
from app.accounts.sessions import reviewer_name
from app.pages import language
from app.pages.language import Language
from app.pages.trust.figures import age
from app.pages.trust.rendering import desk_page
from app.services import current_services
from app.trust.desk.case import DECIDED, QUEUES, Case
from app.trust.desk.case_store import QueueState
from core.errors import InvalidQuery, NotFound

blueprint = APIBlueprint("trust", __name__, enable_openapi=False)

BOUND = "min_probability"


@dataclass(frozen=True)
class QueueView:
    """One queue: its undecided cases, those of them on somebody's desk, the age of the oldest.

    `counts` says how many have a probability of at least 0.00, 0.01 … 1.00; `left` how many at
    least the lowest asked for.
    """

    name: str
    open: int
    claimed: int
    age: str
    counts: Sequence[int]
    remaining: int


@blueprint.get("/trust")
@sign_in_required
def desk() -> Response:
    """Show every queue, and what a lowest probability would leave of them."""
    shown = queues()
    return desk_page(
        "queues.html",
        queues=shown,
        low=min_probability(),
        counts=[sum(step) for step in zip(*(queue.counts for queue in shown), strict=True)],
        left=sum(queue.remaining for queue in shown),
    )


@blueprint.get("/trust/next/<queue>")
@sign_in_required
def waiting(queue: str) -> Response:
    """Show one queue: that it has nothing for this reviewer, or what it has."""
    known = {one.name: one for one in queues()}
    if queue not in known:
        raise NotFound(f"there is no queue {queue[:80]!r}; there are {', '.join(QUEUES)}")
    others = [one for one in known.values() if one.open and one.name != queue]
    return desk_page(
        "waiting.html",
        queue=known[queue],
        others=others,
        low=min_probability(),
        done=recent_decision(),
    )


@blueprint.post("/trust/next/<queue>")
@sign_in_required
def start(queue: str) -> Answer:
    """Claim the queue's next case and go there."""
    if queue not in QUEUES:
        raise NotFound(f"there is no queue {queue[:80]!r}; there are {', '.join(QUEUES)}")
    return go_to_next(queue)


def go_to_next(queue: str, done: str = "") -> Answer:
    """Claim the queue's next case and go there, or to the page that says there is none.

    `done` names the case that this reviewer has just decided, so that it can be undone there.
    """
    low = min_probability()
    case = current_services().desk.claim_next(queue, reviewer_name(), min_probability=low)
    path = f"/trust/cases/{case.id}" if case else f"/trust/next/{queue}"
    fields = {BOUND: f"{low:g}" if low else "", "done": done}
    asked = urlencode({name: value for name, value in fields.items() if value})
    return redirect(f"{path}?{asked}" if asked else path, 303)


def recent_decision() -> Case | None:
    """Return the case this reviewer comes from, as long as its decision can be undone."""
    name = request.args.get("done", "")
    if not name:
        return None
    try:
        found = current_services().desk.case(name)
    except NotFound:
        return None
    mine = found.state == DECIDED and found.decided_by == reviewer_name()
    return found if mine else None


def min_probability() -> float:
    """Return the lowest probability asked for, 0 to 1; raises InvalidQuery."""
    typed = request.values.get(BOUND, "") or "0"
    try:
        low = float(typed)
    except ValueError as error:
        raise InvalidQuery(f"{BOUND}: {typed[:40]!r} is no number from 0 to 1") from error
    if not 0 <= low <= 1:
        raise InvalidQuery(f"{BOUND}: {typed[:40]!r} is outside 0 to 1")
    return low


def queues() -> list[QueueView]:
    """Return every queue, those with the oldest cases first and empty ones last."""
    reader, low = language.requested_language(request), min_probability()
    states = current_services().desk.queue_states()
    last = datetime.max.replace(tzinfo=UTC)
    names = sorted(QUEUES, key=lambda name: states[name].oldest or last)
    return [_queue(name, states[name], low, reader) for name in names]


def _queue(name: str, state: QueueState, low: float, reader: Language) -> QueueView:
    steps = current_services().desk.count_by_threshold(name)
    return QueueView(
        name=name,
        open=state.open,
        claimed=state.claimed,
        age=age(state.oldest, reader) if state.oldest else "",
        counts=[count for _, count in steps],
        # A step is a hundredth; a bound between two asks for the upper one's cases.
        remaining=next((count for least, count in steps if least >= low - 1e-9), 0),
    )
