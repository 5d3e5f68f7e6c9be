"""Who decided what, when, and under which policy; and how far reviewers agree."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import Response, request

from app.accounts.access import sign_in_required
from app.pages import language
from app.pages.figures import moment
from app.pages.trust.rendering import desk_page
from app.services import current_services
from app.trust.desk.case import QUEUES, VERDICTS
from app.trust.desk.decision import ACTIONS, Decision, picture_from_key
from app.trust.desk.decision_log import LogFilter
from core.errors import InvalidQuery

blueprint = APIBlueprint("trust_log", __name__, enable_openapi=False)

PAGE = 50
MAX_TITLES = 200
"""Products named by their titles on one page; others show their ids."""

NAMED = 3
"""Listings of one verdict that a line names at once; more are behind a fold."""

CHOICES: Mapping[str, tuple[str, ...]] = {"action": ACTIONS, "queue": QUEUES, "verdict": VERDICTS}
WORDS = ("reviewer", "policy", "case_id")
DAYS = ("since", "until")


@blueprint.get("/trust/log")
@sign_in_required
def log() -> Response:
    """Show the newest entries that match the filters."""
    given = _given()
    found = current_services().desk.log_page(
        _filter(given), PAGE, request.args.get("cursor") or None
    )
    following = {**given, "cursor": found.cursor} if found.cursor else {}
    return desk_page(
        "log.html",
        entries=found.entries,
        total=found.total,
        verdicts_of=_verdicts,
        titles=_titles(found.entries),
        named=NAMED,
        given=given,
        choices=CHOICES,
        csv=_address("/trust/log.csv", given),
        next=_address("/trust/log", following) if following else "",
        first=_address("/trust/log", given) if request.args.get("cursor") else "",
        when=partial(moment, language=language.requested_language(request)),
    )


@blueprint.get("/trust/log.csv")
@sign_in_required
def table() -> Response:
    """Answer with all entries that match the filters, as CSV."""
    lines = current_services().desk.log_csv(_filter(_given()))
    answer = Response(lines, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="decisions.csv"'
    return answer


@blueprint.get("/trust/agreement")
@sign_in_required
def agreement() -> Response:
    """Show how far reviewers who decided the same cases agree."""
    return desk_page("agreement.html", pairs=current_services().desk.agreement())


def _verdicts(entry: Decision) -> list[tuple[str, list[str]]]:
    """Return the verdicts of an entry, each with its products."""
    products_by_verdict = {
        verdict: [
            picture_from_key(key).product_id
            for key, one in entry.verdicts.items()
            if one == verdict
        ]
        for verdict in VERDICTS
    }
    return [(verdict, products) for verdict, products in products_by_verdict.items() if products]


def _titles(entries: Iterable[Decision]) -> dict[str, str]:
    """Return product id → title for the products of the entries that the catalogue has."""
    keys = (key for entry in entries for key in entry.verdicts)
    ids = list(dict.fromkeys(picture_from_key(key).product_id for key in keys))[:MAX_TITLES]
    products = current_services().catalogue.products(ids) if ids else {}
    return {key: str(source.get("title") or key) for key, source in products.items()}


def _given() -> dict[str, str]:
    names = (*CHOICES, *WORDS, *DAYS)
    values = {name: request.args.get(name, "").strip() for name in names}
    return {name: value for name, value in values.items() if value}


def _filter(given: Mapping[str, str]) -> LogFilter:
    """Return the filter; raises InvalidQuery for an unknown value or an unreadable day."""
    for name, known in CHOICES.items():
        if name in given and given[name] not in known:
            raise InvalidQuery(f"{name}: {given[name][:40]!r} is not one of {', '.join(known)}")
    since, last_day = (_day(name, given.get(name)) for name in DAYS)
    terms = {name: value for name, value in given.items() if name not in DAYS}
    # No day follows the calendar's last one.
    is_limited = last_day is not None and last_day.date() < date.max
    until = last_day + timedelta(days=1) if last_day and is_limited else None
    return LogFilter(**terms, since=since, until=until)


def _day(name: str, text: str | None) -> datetime | None:
    """Return a day's first moment in UTC."""
    if not text:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), time(), UTC)
    except ValueError as error:
        raise InvalidQuery(
            f"{name}: {text[:40]!r} is not a day; write it like 2026-11-21"
        ) from error


def _address(path: str, fields: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(fields)}" if fields else path
