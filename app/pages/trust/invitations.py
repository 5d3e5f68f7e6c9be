"""Choosing a password by the link of an invitation or a reset, which works once."""

import logging

from apiflask import APIBlueprint
from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.access import DESK
from app.accounts.reviewers import (
    MAX_PASSWORD_LENGTH,
    MIN_PASSWORD_LENGTH,
    Reviewer,
)
from app.accounts.sessions import begin_session, session_guard
from app.pages.rendering import page
from app.pages.sign_in import refuse_plain_http
from core.errors import InvalidQuery

blueprint = APIBlueprint("invitations", __name__, url_prefix="/trust", enable_openapi=False)
log = logging.getLogger(__name__)

UNPROCESSABLE = 422


def invitation_path(key: str) -> str:
    """Return the path of the page where a password is chosen with this key."""
    return f"{DESK}/invitations/{key}"


@blueprint.get("/invitations/<key>")
def show_form(key: str) -> Response:
    """Ask for a password; raises NotFound for a key that was used or is too old."""
    return _form(key, session_guard().reviewers.find_invited(key), "")


@blueprint.post("/invitations/<key>")
def accept(key: str) -> AnyResponse:
    """Set the password and begin a session, or say what is wrong with the password."""
    refuse_plain_http()
    reviewers = session_guard().reviewers
    invited = reviewers.find_invited(key)
    password = request.form.get("password", "")
    if password != request.form.get("again", ""):
        return _form(key, invited, "differs")
    try:
        account = reviewers.accept_invitation(key, password)
    except InvalidQuery:
        return _form(key, invited, "length")
    begin_session(account)
    log.info("%s chose a password for the trust desk", account.name)
    return redirect(DESK, 303)


def _form(key: str, account: Reviewer, fault: str) -> Response:
    answer = page(
        "trust/invitation.html",
        path=invitation_path(key),
        name=account.name,
        key=key,
        fault=fault,
        shortest=MIN_PASSWORD_LENGTH,
        longest=MAX_PASSWORD_LENGTH,
    )
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.status_code = UNPROCESSABLE if fault else 200
    return answer
