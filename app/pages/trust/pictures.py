"""Pictures for the comparison: a member laid over the representative, and their difference."""

import io
from dataclasses import dataclass

from apiflask import APIBlueprint
from flask import Response, request
from PIL import Image

from app.accounts.access import sign_in_required
from app.services import current_services
from app.trust.desk.case import Case, Member
from app.trust.examination.outline import outline_differences
from app.trust.examination.overlay import PictureOverlay, difference, lay_over
from core.errors import InvalidQuery, NotFound
from features.geometry.alignment import Alignment

blueprint = APIBlueprint("trust_pictures", __name__, enable_openapi=False)

QUALITY = 85
CACHE_S = 3600


@dataclass(frozen=True)
class OverlayPair:
    """A member's picture, the representative's, and the member's overlay, which lies over it."""

    overlay: PictureOverlay
    above: Image.Image
    below: Image.Image
    alignment: Alignment


@blueprint.get("/trust/cases/<case_id>/aligned.webp")
@sign_in_required
def aligned(case_id: str) -> Response:
    """Answer with the member's picture in the representative's frame, transparent elsewhere.

    WebP, because JPEG has no transparency and an overlay must not hide what it does not cover.
    """
    return _answer(_pair(case_id).overlay.to_image(), "WEBP")


@blueprint.get("/trust/cases/<case_id>/difference.jpg")
@sign_in_required
def difference_map(case_id: str) -> Response:
    """Answer with the representative in grey, marked where the member differs."""
    pair = _pair(case_id)
    return _answer(difference(pair.overlay, pair.below), "JPEG")


@blueprint.get("/trust/cases/<case_id>/outline.webp")
@sign_in_required
def outline(case_id: str) -> Response:
    """Answer with lines around what differs, transparent elsewhere, for either picture.

    `side` is `member` or `representative`, whose pixels the lines are for.
    """
    pair = _pair(case_id)
    lines = outline_differences(pair.overlay, pair.above, pair.below, pair.alignment)
    sides = dict(zip(("representative", "member"), lines, strict=True))
    side = request.args.get("side", "representative")
    if side not in sides:
        raise InvalidQuery(f"side: {side[:40]!r} is not one of {', '.join(sides)}")
    return _answer(sides[side].to_image(), "WEBP")


def _pair(case_id: str) -> OverlayPair:
    """Raise NotFound where there is no such member, picture or alignment."""
    found = current_services().desk.case(case_id)
    member = _member(found, request.args.get("show", ""))
    if member.finding.alignment is None:
        raise NotFound("these two pictures could not be aligned")
    thumbnails = current_services().thumbnails
    with (
        Image.open(thumbnails.path(member.picture.image_id)) as above,
        Image.open(thumbnails.path(found.other_picture(member).image_id)) as below,
    ):
        first, second = above.convert("RGB"), below.convert("RGB")
        alignment = member.finding.alignment
        return OverlayPair(lay_over(first, second, alignment), first, second, alignment)


def _member(found: Case, key: str) -> Member:
    for member in found.members:
        if member.picture.key == key:
            return member
    raise NotFound("this case has no such member")


def _answer(picture: Image.Image, kind: str) -> Response:
    file = io.BytesIO()
    picture.save(file, kind, quality=QUALITY)
    answer = Response(file.getvalue(), content_type=f"image/{kind.lower()}")
    answer.headers["Cache-Control"] = f"private, max-age={CACHE_S}"
    return answer
