"""The page of the policy: all reviewers see which matches are a case, admins change it."""

from apiflask import APIBlueprint
from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.access import admin_required, sign_in_required
from app.accounts.sessions import reviewer_name
from app.pages import language
from app.pages.figures import moment
from app.pages.trust.rendering import desk_page
from app.services import current_services
from app.sweep_factory import SweepFactory
from app.trust.desk.case_policy import MOST_SHARED, CasePolicy
from app.trust.desk.decision import POLICY_CHANGED
from app.trust.sweeping.case_builder import MANY_CASES
from app.trust.sweeping.existing_cases import PHOTO_QUEUES
from core.errors import InvalidQuery

blueprint = APIBlueprint("trust_policy", __name__, enable_openapi=False)

HERE = "/trust/policy"


@blueprint.get(HERE)
@sign_in_required
def policy() -> Response:
    """Show the policy in force."""
    return _page(current_services().desk.policies.current())


@blueprint.post(f"{HERE}/preview")
@admin_required
def preview() -> Response:
    """Show how many cases would be open under the policy of the form; nothing changes."""
    chosen = _chosen()
    return _page(chosen, is_previewed=True, count=_count(chosen))


@blueprint.post(HERE)
@admin_required
def save() -> AnyResponse:
    """Put the policy of the form in force; one that opens very many cases is asked about first."""
    chosen = _chosen()
    if not request.form.get("confirmed"):
        count = _count(chosen)
        if count is not None and count > MANY_CASES:
            return _page(chosen, is_previewed=True, count=count, status=409)
    desk = current_services().desk
    desk.policies.save(chosen, reviewer_name())
    desk.record(POLICY_CHANGED, reviewer_name(), comment=chosen.describe())
    return redirect(f"{HERE}?saved=yes", 303)


def _chosen() -> CasePolicy:
    """Return the policy of the form; raises InvalidQuery."""
    form = request.form
    typed = form.get("shared_from", "")
    try:
        shared_from = int(typed)
    except ValueError as error:
        raise InvalidQuery(f"shared_from: {typed[:40]!r} is not a whole number") from error
    if not 0 <= shared_from <= MOST_SHARED:
        raise InvalidQuery(f"shared_from: {shared_from} is outside 0 to {MOST_SHARED}")
    return CasePolicy(bool(form.get("other_seller")), bool(form.get("other_group")), shared_from)


def _count(chosen: CasePolicy) -> int | None:
    """Return about how many cases would be open; None before the first sweep."""
    services = current_services()
    return SweepFactory(services, services.settings.case_thresholds).count_cases(chosen)


def _page(
    chosen: CasePolicy, *, is_previewed: bool = False, count: int | None = None, status: int = 200
) -> Response:
    desk = current_services().desk
    in_force, states = desk.policies.in_force(), desk.queue_states()
    reader = language.requested_language(request)
    return desk_page(
        "policy.html",
        status,
        path=HERE,
        chosen=chosen,
        in_force=in_force,
        changed_at=moment(in_force.at, reader) if in_force.at else "",
        open_cases=sum(states[queue].open for queue in PHOTO_QUEUES),
        is_previewed=is_previewed,
        count=count,
        is_many=count is not None and count > MANY_CASES,
        is_saved=request.method == "GET" and "saved" in request.args,
        most_shared=MOST_SHARED,
    )
