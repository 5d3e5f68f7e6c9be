"""The pages of one case: view, claim, decide, undo, skip, release and comment."""

from collections.abc import Callable, Mapping
from functools import wraps
from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import Response, redirect, request
from werkzeug.wrappers import Response as Answer

from app.accounts.access import sign_in_required
from app.accounts.sessions import reviewer_name
from app.pages import language
from app.pages.figures import moment
from app.pages.trust import choices
from app.pages.trust.banks import recent_bank_change
from app.pages.trust.case_view import build_case_view
from app.pages.trust.queues import (
    BOUND,
    go_to_next,
    min_probability,
    recent_decision,
    recent_skip,
)
from app.pages.trust.rendering import desk_page
from app.services import current_services
from app.trust.banks.entry import BANKS
from app.trust.desk.case import DECIDED, Case
from app.trust.desk.case_transitions import MAX_COMMENT_LENGTH, DecisionPreview
from app.trust.errors import CaseTaken
from core.errors import InvalidQuery, NotFound

blueprint = APIBlueprint("trust_cases", __name__, enable_openapi=False)

CASES = "/trust/cases"


def show_conflicts(view: Callable[..., Answer]) -> Callable[..., Answer]:
    """Show a conflict page if another reviewer has the case, or has decided or changed it."""

    @wraps(view)
    def guarded(case_id: str) -> Answer:
        try:
            return view(case_id)
        except CaseTaken as conflict:
            reader = language.requested_language(request)
            return desk_page(
                "conflict.html",
                409,
                case=current_services().desk.case(case_id),
                by=conflict.reviewer,
                at=moment(conflict.at, reader) if conflict.at else "",
                low=min_probability(),
                path=f"{CASES}/{case_id}",
            )

    return guarded


@blueprint.get(f"{CASES}/<case_id>")
@sign_in_required
def case(case_id: str) -> Response:
    """Show a case; only the reviewer who has it can decide it."""
    return _page(current_services().desk.case(case_id))


@blueprint.get(f"{CASES}/<case_id>/compare")
@sign_in_required
def compare(case_id: str) -> Response:
    """Show one member beside the representative, for a page to take in."""
    found = current_services().desk.case(case_id)
    shown = build_case_view(found, reviewer_name(), _member(found))
    return desk_page("_compare.html", view=shown, banks=BANKS)


@blueprint.post(f"{CASES}/<case_id>/claim")
@sign_in_required
@show_conflicts
def claim(case_id: str) -> Answer:
    """Claim the case, if no other reviewer has it."""
    current_services().desk.claim(case_id, reviewer_name())
    return _to(case_id)


@blueprint.post(f"{CASES}/<case_id>/preview")
@sign_in_required
@show_conflicts
def preview(case_id: str) -> Answer:
    """Show the effect of the chosen verdicts; nothing is decided yet."""
    desk = current_services().desk
    found = desk.claim(case_id, reviewer_name())
    chosen = choices.verdicts(found, request.form)
    meant = desk.preview(case_id, chosen) if chosen else None
    return _page(found, chosen, meant, unchosen=not choices.is_complete(found, chosen))


@blueprint.post(f"{CASES}/<case_id>/decide")
@sign_in_required
@show_conflicts
def decide(case_id: str) -> Answer:
    """Decide the case and go on to the queue's next."""
    desk = current_services().desk
    found = desk.case(case_id)
    chosen = choices.verdicts(found, request.form)
    if found.state != DECIDED and not choices.is_complete(found, chosen):
        return _page(found, chosen, unchosen=True, status=422)
    decided = desk.decide(
        case_id,
        reviewer_name(),
        chosen,
        version=choices.version(request.form),
        comment=choices.comment(request.form),
    )
    return go_to_next(decided.queue, decided_id=case_id)


@blueprint.post(f"{CASES}/<case_id>/keep")
@sign_in_required
@show_conflicts
def keep(case_id: str) -> Answer:
    """Have another picture represent the case."""
    current_services().desk.keep(case_id, reviewer_name(), request.form.get("keep", ""))
    return _to(case_id)


@blueprint.post(f"{CASES}/<case_id>/undo")
@sign_in_required
@show_conflicts
def undo(case_id: str) -> Answer:
    """Undo a decision; the case is open again."""
    current_services().desk.undo(case_id, reviewer_name())
    return _to(case_id)


@blueprint.post(f"{CASES}/<case_id>/skip")
@sign_in_required
@show_conflicts
def skip(case_id: str) -> Answer:
    """Leave the case for now and go on to the queue's next."""
    desk = current_services().desk
    desk.skip(case_id, reviewer_name(), choices.comment(request.form))
    return go_to_next(desk.case(case_id).queue, skipped=case_id)


@blueprint.post(f"{CASES}/<case_id>/release")
@sign_in_required
@show_conflicts
def release(case_id: str) -> Answer:
    """Put the case back into its queue and return to the queues."""
    current_services().desk.release(case_id, reviewer_name())
    low = min_probability()
    return redirect(f"/trust?{BOUND}={low:g}" if low else "/trust", 303)


@blueprint.post(f"{CASES}/<case_id>/comment")
@sign_in_required
@show_conflicts
def comment(case_id: str) -> Answer:
    """Add a comment to the case."""
    text = choices.comment(request.form)
    if not text:
        raise InvalidQuery("the comment is empty")
    current_services().desk.comment(case_id, reviewer_name(), text)
    return _to(case_id)


def _page(
    found: Case,
    chosen: Mapping[str, str] | None = None,
    meant: DecisionPreview | None = None,
    *,
    unchosen: bool = False,
    status: int = 200,
) -> Response:
    return desk_page(
        "case.html",
        status,
        view=build_case_view(found, reviewer_name(), _member(found), chosen),
        preview=meant,
        unchosen=unchosen,
        comment=request.form.get("comment", ""),
        done=recent_decision(),
        skipped_case=recent_skip(),
        banked=recent_bank_change(),
        banks=BANKS,
        max_comment_length=MAX_COMMENT_LENGTH,
        low=min_probability(),
        path=f"{CASES}/{found.id}" if request.method == "POST" else None,
    )


def _member(found: Case) -> str:
    """Return the key of the member to show; raises NotFound for a foreign one."""
    key = request.values.get("show", "")
    if key and key not in {member.picture.key for member in found.members}:
        raise NotFound("this case has no such member")
    return key or found.members[0].picture.key


def _to(case_id: str) -> Answer:
    low = min_probability()
    asked = f"?{urlencode({BOUND: f'{low:g}'})}" if low else ""
    return redirect(f"{CASES}/{case_id}{asked}", 303)
