"""What tests of the desk's pages share: reading a page, filling in its form, opening cases."""

import re
from html import unescape

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.services import Services
from app.trust.desk.case import Case
from tests.support import casebook


def get(client: FlaskClient, path: str, status: int = 200) -> str:
    """Return a page's text."""
    answer = client.get(path)
    assert answer.status_code == status, answer.text
    return unescape(answer.text)


def post(client: FlaskClient, path: str, **fields: object) -> TestResponse:
    """Send a form."""
    return client.post(path, data=fields)


def version(html: str) -> dict[str, str]:
    """Return the hidden fields that say which state of the case a page shows."""
    return dict(re.findall(r'name="(seq_no|primary_term)" value="(\d+)"', html))


def pair(services: Services, start: int = 0, **how: object) -> Case:
    """Return a case of two listings, the first of them at that place in the catalogue."""
    a, b = casebook.parties(services, start + 2)[start:]
    return casebook.case(a, [b], **how)  # type: ignore[arg-type]


def opened_pair(services: Services, start: int = 0, **how: object) -> Case:
    """Open such a case."""
    case = pair(services, start, **how)
    services.desk.open_cases([case])
    return case


def decide(services: Services, case: Case, reviewer: str, verdict: str) -> None:
    """Decide a case, the same for all members."""
    claimed = services.desk.claim(case.id, reviewer)
    assert claimed.version is not None
    verdicts = {member.picture.key: verdict for member in claimed.members}
    services.desk.decide(case.id, reviewer, verdicts, version=claimed.version)


def opened(services: Services, *cases: Case) -> list[str]:
    """Open cases; return their ids."""
    services.desk.open_cases(cases)
    return [case.id for case in cases]
