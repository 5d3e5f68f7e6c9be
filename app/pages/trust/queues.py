"""The desk's first page: the queues, their oldest cases, and how many reach a probability."""

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
from app.pages.figures import age
from app.pages.language import Language
from app.pages.trust.rendering import desk_page
from app.services import current_services
from app.trust.desk.case import DECIDED, OPEN, QUEUES, Case
from app.trust.desk.case_store import QueueState
from app.trust.desk.claims import resume_skipped, skipped_cases
from core.errors import InvalidQuery, NotFound

blueprint = APIBlueprint("trust", __name__, enable_openapi=False)

BOUND = "min_probability"


@dataclass(frozen=True)
class QueueView:
    """One queue: its undecided cases, how many of them are claimed, and the age of the oldest.

    `counts` says how many have a probability of at least 0.00, 0.01 … 1.00; `remaining` how many
    reach the minimum asked for.
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
    """Show every queue, and how many cases reach a minimum probability."""
    views = queues()
    return desk_page(
        "queues.html",
        queues=views,
        low=min_probability(),
        counts=[sum(step) for step in zip(*(queue.counts for queue in views), strict=True)],
        left=sum(queue.remaining for queue in views),
    )


@blueprint.get("/trust/next/<queue>")
@sign_in_required
def waiting(queue: str) -> Response:
    """Show a queue that has no case for this reviewer."""
    by_name = {view.name: view for view in queues()}
    if queue not in by_name:
        raise NotFound(f"there is no queue {queue[:80]!r}; there are {', '.join(QUEUES)}")
    others = [view for view in by_name.values() if view.open and view.name != queue]
    return desk_page(
        "waiting.html",
        queue=by_name[queue],
        others=others,
        skipped=len(_skipped(queue)),
        low=min_probability(),
        done=recent_decision(),
        skipped_case=recent_skip(),
    )


@blueprint.post("/trust/next/<queue>")
@sign_in_required
def start(queue: str) -> Answer:
    """Claim the queue's next case and go there."""
    if queue not in QUEUES:
        raise NotFound(f"there is no queue {queue[:80]!r}; there are {', '.join(QUEUES)}")
    return go_to_next(queue)


@blueprint.post("/trust/next/<queue>/skipped")
@sign_in_required
def resume(queue: str) -> Answer:
    """Take back this reviewer's skips in the queue, and go to its next case."""
    if queue not in QUEUES:
        raise NotFound(f"there is no queue {queue[:80]!r}; there are {', '.join(QUEUES)}")
    shared = current_services()
    resume_skipped(shared.desk, shared.case_search, reviewer_name(), queue)
    return go_to_next(queue)


def go_to_next(queue: str, *, decided_id: str = "", skipped: str = "") -> Answer:
    """Claim the queue's next case and go there, or to the page that says there is none.

    `decided_id` is the case that this reviewer has just decided, `skipped` the one they have just
    skipped, so that either can be taken back there.
    """
    low = min_probability()
    case = current_services().desk.claim_next(queue, reviewer_name(), min_probability=low)
    path = f"/trust/cases/{case.id}" if case else f"/trust/next/{queue}"
    fields = {BOUND: f"{low:g}" if low else "", "done": decided_id, "skipped": skipped}
    query = urlencode({name: value for name, value in fields.items() if value})
    return redirect(f"{path}?{query}" if query else path, 303)


def recent_decision() -> Case | None:
    """Return the case this reviewer has just decided, if it can still be undone."""
    found = _requested_case("done")
    is_own = found and found.state == DECIDED and found.decided_by == reviewer_name()
    return found if is_own else None


def recent_skip() -> Case | None:
    """Return the case this reviewer has just skipped, if nobody decided it meanwhile."""
    found = _requested_case("skipped")
    is_own = found and found.state == OPEN and reviewer_name() in found.skipped_by
    return found if is_own else None


def min_probability() -> float:
    """Return the minimum probability of the request, 0 to 1; raises InvalidQuery."""
    typed = request.values.get(BOUND, "") or "0"
    try:
        low = float(typed)
    except ValueError as error:
        raise InvalidQuery(f"{BOUND}: {typed[:40]!r} is not a number from 0 to 1") from error
    if not 0 <= low <= 1:
        raise InvalidQuery(f"{BOUND}: {typed[:40]!r} is outside 0 to 1")
    return low


def queues() -> list[QueueView]:
    """Return every queue; the one with the oldest case comes first, empty ones last."""
    reader, low = language.requested_language(request), min_probability()
    states = current_services().desk.queue_states()
    last = datetime.max.replace(tzinfo=UTC)
    names = sorted(QUEUES, key=lambda name: states[name].oldest or last)
    return [_queue(name, states[name], low, reader) for name in names]


def _requested_case(field: str) -> Case | None:
    name = request.args.get(field, "")
    try:
        return current_services().desk.case(name) if name else None
    except NotFound:
        return None


def _skipped(queue: str) -> list[Case]:
    shared = current_services()
    return skipped_cases(shared.desk, shared.case_search, reviewer_name(), queue)


def _queue(name: str, state: QueueState, low: float, reader: Language) -> QueueView:
    steps = current_services().desk.count_by_threshold(name)
    return QueueView(
        name=name,
        open=state.open,
        claimed=state.claimed,
        age=age(state.oldest, reader) if state.oldest else "",
        counts=[count for _, count in steps],
        # A step is a hundredth; a minimum between two steps counts as the upper one.
        remaining=next((count for least, count in steps if least >= low - 1e-9), 0),
    )
