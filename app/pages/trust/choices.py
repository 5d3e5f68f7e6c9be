"""What a reviewer's form says of a case: a verdict per member, and the state it was made on."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from app.trust.desk.case import VERDICTS, Case, CaseVersion
from core.errors import InvalidQuery

SET = "set:"
"""Prefix of a member's own choice: ``set:<Party.key>``."""

Form = MultiDict[str, str]


def verdicts(case: Case, form: Form) -> dict[str, str]:
    """Return Party.key → verdict as chosen; members nobody chose for are left out.

    `verdict` is for the members ticked (`member`), or, when none is ticked, for all that have no
    choice of their own. Raises InvalidQuery.
    """
    ticked = set(form.getlist("member"))
    common = _known(form.get("verdict", ""))
    found: dict[str, str] = {}
    for member in case.members:
        key = member.picture.key
        own = _known(form.get(f"{SET}{key}", ""))
        if common and key in ticked:
            found[key] = common
        elif own:
            found[key] = own
        elif common and not ticked:
            found[key] = common
    return found


def is_complete(case: Case, chosen: Mapping[str, str]) -> bool:
    """Say whether every member has a verdict."""
    return all(member.picture.key in chosen for member in case.members)


def version(form: Form) -> CaseVersion:
    """Return the state of the case that the form was made from; raises InvalidQuery."""
    try:
        return CaseVersion(int(form["seq_no"]), int(form["primary_term"]))
    except (KeyError, ValueError) as error:
        raise InvalidQuery("seq_no, primary_term: send them as the case's page has them") from error


def comment(form: Form) -> str:
    """Return the comment, without white space around it and with `\\n` for a line's end.

    Browsers count a line's end as one character, but send two.
    """
    return form.get("comment", "").replace("\r\n", "\n").strip()


def _known(verdict: str) -> str:
    if verdict and verdict not in VERDICTS:
        raise InvalidQuery(f"verdict: {verdict[:40]!r} is none of {', '.join(VERDICTS)}")
    return verdict
