"""The desk's pages as a browser without scripts gets them: on a real feed and a real server."""

import io
import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from PIL import Image

from app.factory import create_app
from app.services import Services
from app.trust.desk.case import Case
from tests.app.pages.trust.desk_pages import get, opened, pair, post, version
from tests.support import casebook
from tests.support.reviewing import browser, services, signed_in, started

__all__ = ["services", "started"]


@pytest.fixture(scope="module")
def mika(started: Services) -> FlaskClient:
    return signed_in(create_app(started), "mika")


@pytest.fixture(scope="module")
def jon(started: Services) -> FlaskClient:
    return signed_in(create_app(started), "jon")


def group(services: Services) -> Case:
    first, *others = casebook.parties(services, 5)
    return casebook.case(first, others)


def test_desk_is_behind_the_sign_in(services: Services) -> None:
    client = browser(create_app(services))
    assert client.get("/trust").location.startswith("/trust/sign-in")


def test_queues_are_counted_and_the_oldest_comes_first(
    services: Services, mika: FlaskClient
) -> None:
    opened(services, pair(services, hours=2), pair(services, 2, queue="flood", hours=50))
    html = get(mika, "/trust")
    assert html.index("Floods") < html.index("Same photo")
    assert "oldest: 2 days" in html
    assert html.count("1 case") == 2


def test_lowest_probability_previews_and_narrows(services: Services, mika: FlaskClient) -> None:
    likely = pair(services, p_same_photo=0.95, hours=1)
    unlikely = pair(services, 2, p_same_photo=0.55, hours=9)
    opened(services, likely, unlikely)
    assert ">1</output> of 2 cases remain." in get(mika, "/trust?min_probability=0.9")
    answer = post(mika, "/trust/next/same_photo", min_probability="0.9")
    assert answer.location == f"/trust/cases/{likely.id}?min_probability=0.9"


@pytest.mark.parametrize("bound", ["most", "1.5", "nan"])
def test_bad_probability_is_refused(services: Services, mika: FlaskClient, bound: str) -> None:
    get(mika, f"/trust?min_probability={bound}", 422)


def test_unknown_queue_is_not_found(services: Services, mika: FlaskClient) -> None:
    get(mika, "/trust/next/anything", 404)
    assert post(mika, "/trust/next/anything").status_code == 404


def test_empty_queue_says_so_and_offers_the_others(services: Services, mika: FlaskClient) -> None:
    opened(services, pair(services))
    answer = post(mika, "/trust/next/same_file")
    html = get(mika, answer.location)
    assert "This queue is empty" in html
    assert 'action="/trust/next/same_photo"' in html


def test_looking_at_a_queue_claims_nothing(services: Services, mika: FlaskClient) -> None:
    (key,) = opened(services, pair(services))
    get(mika, "/trust/next/same_photo")
    get(mika, f"/trust/cases/{key}")
    assert services.desk.case(key).claimed_by is None


def test_case_shows_what_differs_and_why_it_matched(services: Services, mika: FlaskClient) -> None:
    (key,) = opened(services, pair(services))
    html = get(mika, f"/trust/cases/{key}")
    assert "97.0%" in html
    assert "+3.4" in html
    assert "−0.8" in html
    assert "unheard of" in html
    assert "not used" in html
    assert "(differs)" in html
    assert "style=" not in html


def test_pair_is_decided_without_scripts_and_the_next_comes(
    services: Services, mika: FlaskClient
) -> None:
    first, second = opened(services, pair(services, hours=3), pair(services, 2, hours=1))
    page = post(mika, "/trust/next/same_photo").location
    assert page == f"/trust/cases/{first}"
    sent = {**version(get(mika, page)), "verdict": "stolen_photo", "comment": "their watermark"}
    answer = post(mika, f"{page}/decide", **sent)
    assert answer.location == f"/trust/cases/{second}?done={first}"
    assert "Decision saved for 1 member." in get(mika, answer.location)
    decided = services.desk.case(first)
    assert [member.verdict for member in decided.members] == ["stolen_photo"]
    assert decided.comments[-1]["text"] == "their watermark"
    assert post(mika, f"{page}/undo").location == page
    assert services.desk.case(first).claimed_by == "mika"


def test_group_is_previewed_before_it_is_decided(services: Services, mika: FlaskClient) -> None:
    (key,) = opened(services, group(services))
    page = post(mika, "/trust/next/same_photo").location
    keys = [member.picture.key for member in services.desk.case(key).members]
    sent = {**version(get(mika, page)), f"set:{keys[0]}": "different", "verdict": "duplicate"}
    html = post(mika, f"{page}/preview", **sent).text
    assert "<strong>Different</strong>: 1 member" in html
    assert "<strong>Duplicate</strong>: 3 members" in html
    assert services.desk.case(key).decided_by is None
    again = dict(re.findall(r'name="(set:[^"]+)".*?value="(\w+)" selected', html, re.DOTALL))
    assert post(mika, f"{page}/decide", **version(html), **again).status_code == 303
    said = {one.picture.key: one.verdict for one in services.desk.case(key).members}
    assert said == {keys[0]: "different"} | dict.fromkeys(keys[1:], "duplicate")


def test_verdict_is_for_the_ticked_members_alone(services: Services, mika: FlaskClient) -> None:
    (key,) = opened(services, group(services))
    page = post(mika, "/trust/next/same_photo").location
    keys = [member.picture.key for member in services.desk.case(key).members]
    sent = {**version(get(mika, page)), "verdict": "permitted", "member": keys[:2]}
    html = post(mika, f"{page}/preview", **sent).text
    assert "<strong>Permitted</strong>: 2 members" in html
    assert "Still without a verdict: 2" in html
    assert 'id="decide"' not in html
    answer = post(mika, f"{page}/decide", **sent)
    assert answer.status_code == 422
    assert "Give every member a verdict first." in answer.text


def test_case_decided_meanwhile_says_who_and_when(
    services: Services, mika: FlaskClient, jon: FlaskClient
) -> None:
    first, second = opened(services, pair(services, hours=3), pair(services, 2, hours=1))
    page = post(mika, "/trust/next/same_photo").location
    sent = {**version(get(mika, page)), "verdict": "different"}
    services.desk.release(first, "mika")
    case = services.desk.claim(first, "jon")
    assert case.version is not None
    chosen = {member.picture.key: "duplicate" for member in case.members}
    services.desk.decide(first, "jon", chosen, version=case.version)
    answer = post(mika, f"{page}/decide", **sent)
    assert answer.status_code == 409
    assert re.search(r"jon decided this case on .* UTC", unescape(answer.text))
    assert 'action="/trust/next/same_photo"' in answer.text
    assert post(mika, "/trust/next/same_photo").location == f"/trust/cases/{second}"
    assert post(jon, f"/trust/cases/{second}/claim").status_code == 409


def test_stale_tab_never_shows_choices_as_verdicts(
    services: Services, mika: FlaskClient, jon: FlaskClient
) -> None:
    (key,) = opened(services, group(services))
    page = post(mika, "/trust/next/same_photo").location
    services.desk.release(key, "mika")
    case = services.desk.claim(key, "jon")
    assert case.version is not None
    given = {member.picture.key: "different" for member in case.members}
    services.desk.decide(key, "jon", given, version=case.version)
    answer = post(mika, f"{page}/preview", verdict="duplicate")
    assert answer.status_code == 409
    assert "jon decided this case" in unescape(answer.text)


def test_case_on_another_desk_is_shown_without_its_form(
    services: Services, mika: FlaskClient, jon: FlaskClient
) -> None:
    opened(services, pair(services))
    page = post(mika, "/trust/next/same_photo").location
    html = get(jon, page)
    assert "mika is reviewing this case" in html
    assert 'name="verdict"' not in html


def test_skipped_case_is_left_to_others(
    services: Services, mika: FlaskClient, jon: FlaskClient
) -> None:
    opened(services, pair(services))
    page = post(mika, "/trust/next/same_photo").location
    onward = post(mika, f"{page}/skip").location
    assert "You skipped 1 case here" in get(mika, onward)
    assert post(jon, "/trust/next/same_photo").location == page


def test_comment_and_putting_back_decide_nothing(services: Services, mika: FlaskClient) -> None:
    (key,) = opened(services, pair(services))
    page = post(mika, "/trust/next/same_photo").location
    assert post(mika, f"{page}/comment", comment=" ask the seller ").location == page
    assert "ask the seller" in get(mika, page)
    assert post(mika, f"{page}/comment", comment=" ").status_code == 422
    assert post(mika, f"{page}/release").location == "/trust"
    assert services.desk.case(key).claimed_by is None


@pytest.mark.parametrize(
    "sent",
    [
        {"verdict": "maybe"},
        {"verdict": "different", "comment": "x" * 4001},
        {"verdict": "different"},
    ],
    ids=["unknown verdict", "endless comment", "no version"],
)
def test_bad_form_decides_nothing(
    services: Services, mika: FlaskClient, sent: dict[str, object]
) -> None:
    (key,) = opened(services, pair(services))
    page = post(mika, "/trust/next/same_photo").location
    numbers = version(get(mika, page)) if "comment" in sent else {}
    assert post(mika, f"{page}/decide", **numbers, **sent).status_code == 422
    assert services.desk.case(key).decided_by is None


def test_member_is_served_as_it_lies_over_the_representative(
    services: Services, mika: FlaskClient
) -> None:
    (key,) = opened(services, pair(services))
    case = services.desk.case(key)
    show = case.members[0].picture.key
    sizes = set()
    for name, kind in (("aligned.webp", "WEBP"), ("difference.jpg", "JPEG")):
        answer = mika.get(f"/trust/cases/{key}/{name}?show={show}")
        picture = Image.open(io.BytesIO(answer.data))
        assert picture.format == kind
        sizes.add(picture.size)
    with Image.open(services.thumbnails.path(case.representative.image_id)) as below:
        assert sizes == {below.size}


def test_pictures_that_do_not_fit_say_so(services: Services, mika: FlaskClient) -> None:
    (key,) = opened(services, pair(services, alignment=None))
    show = services.desk.case(key).members[0].picture.key
    html = get(mika, f"/trust/cases/{key}")
    assert "could not be aligned" in html
    assert "aligned.webp" not in html
    assert mika.get(f"/trust/cases/{key}/aligned.webp?show={show}").status_code == 404


def test_strange_member_or_case_is_not_found(services: Services, mika: FlaskClient) -> None:
    (key,) = opened(services, pair(services))
    get(mika, f"/trust/cases/{key}?show=nobody", 404)
    get(mika, "/trust/cases/nothing", 404)
    assert mika.get(f"/trust/cases/{key}/difference.jpg?show=nobody").status_code == 404


def test_member_gone_from_the_catalogue_is_still_shown(
    services: Services, mika: FlaskClient
) -> None:
    here, there = casebook.parties(services, 2)
    gone = type(there)("no-such-product", there.image_id)
    (key,) = opened(services, casebook.case(here, [gone]))
    html = get(mika, f"/trust/cases/{key}")
    assert "no longer in the catalogue" in html
    assert f"/images/{there.image_id}.jpg" in html


def test_comment_is_as_long_as_the_form_lets_it_be(services: Services, mika: FlaskClient) -> None:
    (key,) = opened(services, pair(services))
    page = post(mika, "/trust/next/same_photo").location
    (limit,) = re.findall(r'name="comment"[^>]*maxlength="([0-9]+)"', get(mika, page))
    # A browser counts each line's end once, and sends it as two characters.
    text = "\r\n".join(["x" * (int(limit) // 2), "x" * (int(limit) - int(limit) // 2 - 1)])
    assert post(mika, f"{page}/comment", comment=text).status_code == 303
    (comment,) = services.desk.case(key).comments
    assert len(comment["text"]) == int(limit)
    assert post(mika, f"{page}/comment", comment=text + "x").status_code == 422
