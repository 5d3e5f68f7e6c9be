"""Reads a reviewer's form: a verdict per member, and the state of the case it was made on."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from app.trust.desk.case import VERDICTS, Case, CaseVersion
from core.errors import InvalidQuery

SET = "set:"
"""Prefix of a member's own choice: ``set:<ListingPicture.key>``."""

Form = MultiDict[str, str]


def verdicts(case: Case, form: Form) -> dict[str, str]:
    """Return ListingPicture.key → verdict; members without one are left out.

    The field `verdict` is for the ticked members (`member`), or, when none is ticked, for all
    members without a verdict of their own. Raises InvalidQuery.
    """
    ticked = set(form.getlist("member"))
    common = _known(form.get("verdict", ""))
    result: dict[str, str] = {}
    for member in case.members:
        key = member.picture.key
        own = _known(form.get(f"{SET}{key}", ""))
        if common and key in ticked:
            result[key] = common
        elif own:
            result[key] = own
        elif common and not ticked:
            result[key] = common
    return result


def is_complete(case: Case, verdicts: Mapping[str, str]) -> bool:
    """Say whether every member has a verdict."""
    return all(member.picture.key in verdicts for member in case.members)


def version(form: Form) -> CaseVersion:
    """Return the state of the case that the form was made from; raises InvalidQuery."""
    try:
        return CaseVersion(int(form["seq_no"]), int(form["primary_term"]))
    except (KeyError, ValueError) as error:
        raise InvalidQuery("seq_no, primary_term: send the values of the case's page") from error


def comment(form: Form) -> str:
    """Return the comment, without white space around it and with `\\n` for a line's end.

    Browsers count a line's end as one character, but send two.
    """
    return form.get("comment", "").replace("\r\n", "\n").strip()


def _known(verdict: str) -> str:
    if verdict and verdict not in VERDICTS:
        raise InvalidQuery(f"verdict: {verdict[:40]!r} is none of {', '.join(VERDICTS)}")
    return verdict
