"""The accounts of the desk, for admins: invite, change a role, reset a password, disable."""

from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.access import admin_required
from app.accounts.reviewers import INVITATION_DAYS, REVIEWER, ROLES
from app.accounts.sessions import reviewer_name, session_guard
from app.pages.trust.invitations import invitation_path
from app.pages.trust.rendering import desk_page
from app.services import current_services
from app.trust.desk.claims import release_claims
from core.errors import InvalidQuery

blueprint = APIBlueprint("trust_accounts", __name__, enable_openapi=False)

HERE = "/trust/accounts"
CHANGES = ("role", "disabled", "enabled")


@blueprint.get(HERE)
@admin_required
def accounts() -> Response:
    """Show every account."""
    return _page()


@blueprint.post(HERE)
@admin_required
def invite() -> Response:
    """Create an account, and show the link to choose its password with, once."""
    name, role = request.form.get("name", ""), request.form.get("role", REVIEWER)
    try:
        key = session_guard().reviewers.invite(name, role)
    except InvalidQuery as error:
        return _page(fault=str(error), typed=name, status=422)
    return _page(link=_link(key), invited=name.strip())


@blueprint.post(f"{HERE}/<name>/reset")
@admin_required
def reset(name: str) -> Response:
    """End an account's password, and show the link to choose another with, once."""
    try:
        key = session_guard().reviewers.reset(name)
    except InvalidQuery as error:
        return _page(fault=str(error), status=422)
    _release(name)
    return _page(link=_link(key), invited=name)


@blueprint.post(f"{HERE}/<name>/role")
@admin_required
def set_role(name: str) -> AnyResponse:
    """Change an account's role."""
    try:
        session_guard().reviewers.set_role(name, request.form.get("role", ""))
    except InvalidQuery as error:
        return _page(fault=str(error), status=422)
    return _back("role", name)


@blueprint.post(f"{HERE}/<name>/disable")
@admin_required
def disable(name: str) -> AnyResponse:
    """Keep an account from signing in; its cases go back into their queues at once."""
    try:
        session_guard().reviewers.disable(name)
    except InvalidQuery as error:
        return _page(fault=str(error), status=422)
    _release(name)
    return _back("disabled", name)


@blueprint.post(f"{HERE}/<name>/enable")
@admin_required
def enable(name: str) -> AnyResponse:
    """Let a disabled account sign in again."""
    session_guard().reviewers.enable(name)
    return _back("enabled", name)


def _release(name: str) -> None:
    shared = current_services()
    release_claims(shared.desk, shared.case_search, name)


def _link(key: str) -> str:
    return request.host_url.rstrip("/") + invitation_path(key)


def _back(change: str, name: str) -> AnyResponse:
    # Who takes the admin's role from themselves may not see the page any more.
    account = session_guard().reviewers.find(reviewer_name())
    is_admin = account is not None and account.is_admin and account.can_sign_in
    fields = urlencode({"changed": change, "name": name})
    return redirect(f"{HERE}?{fields}" if is_admin else "/trust", 303)


def _page(
    *, link: str = "", invited: str = "", fault: str = "", typed: str = "", status: int = 200
) -> Response:
    change = request.args.get("changed", "")
    return desk_page(
        "accounts.html",
        status,
        path=HERE,
        accounts=session_guard().reviewers.list_all(),
        roles=ROLES,
        days=INVITATION_DAYS,
        link=link,
        invited=invited,
        fault=fault,
        typed=typed,
        changed=change if change in CHANGES else "",
        changed_name=request.args.get("name", ""),
    )
