"""Cases made by hand of a shop's real listings, and a desk with nothing else on it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from app.services import Services
from app.trust.desk.case import Case, Member
from app.trust.desk.intake import case_id
from app.trust.examination.evidence import Contribution, ListingPicture, PairFinding
from features.geometry.alignment import Alignment
from mappings.catalogue.products import PICTURES
from ops.server import Server
from tests.support.shop import Shop

ALIGNED = Alignment((0.9, 0, 20, 0, 0.9, 12), (480, 480), (480, 480), 64, 80, 0.81, 0.93, 0.02)
"""Nine tenths the size, a little to the right and down."""


def empty(shop: Shop) -> None:
    """Take every case, verdict and line of the log off the desk."""
    values = shop.environment.values
    server = Server(
        values["ELASTICSEARCH_URL"], values["ELASTICSEARCH_USER"], values["ELASTICSEARCH_PASSWORD"]
    )
    for name in ("cases", "verdicts", "decisions", "policies"):
        index = f"/{values['LOOKALIKE_DESK_INDEX']}-{name}"
        # What was written a moment ago is deleted only as what a search finds it to be.
        server.request("POST", f"{index}/_refresh")
        everything = {"query": {"match_all": {}}}
        answer = server.request("POST", f"{index}/_delete_by_query?refresh=true", everything)
        assert answer.status == 200, answer.body


def parties(services: Services, number: int) -> list[ListingPicture]:
    """Return the first pictures of this many listings that have one, in the order of their ids."""
    body = {"size": 100, "sort": ["id"], "_source": ["id", f"{PICTURES}.image_id"]}
    hits = services.catalogue.search(body)["hits"]["hits"]
    found = [hit["_source"] for hit in hits if hit["_source"].get(PICTURES)]
    assert len(found) >= number
    return [ListingPicture(one["id"], one[PICTURES][0]["image_id"]) for one in found[:number]]


def case(
    representative: ListingPicture,
    members: Sequence[ListingPicture],
    *,
    queue: str = "same_photo",
    p_same_photo: float = 0.97,
    hours: float = 1,
    alignment: Alignment | None = ALIGNED,
) -> Case:
    """Return an open case, so many hours old."""
    at = datetime.now(UTC) - timedelta(hours=hours)
    findings = (finding(party, p_same_photo, alignment) for party in members)
    listed = tuple(Member(one) for one in findings)
    return Case(case_id(representative), queue, representative, listed, at, at)


def finding(
    party: ListingPicture, p_same_photo: float, alignment: Alignment | None = ALIGNED
) -> PairFinding:
    """Return a finding with signals for and against."""
    return PairFinding(
        party,
        "same_photo",
        p_same_photo,
        0.99,
        {"pdq_distance": 96.0, "cosine": 0.91, "unheard_of": 3.0},
        (Contribution("cosine", 0.91, 3.4), Contribution("pdq_distance", 96.0, -0.8)),
        alignment,
    )
