"""Pictures for the comparison: a member laid over the representative, and their difference."""

import io
from dataclasses import dataclass

from apiflask import APIBlueprint
from flask import Response, request
from PIL import Image

from app.accounts.access import sign_in_required
from app.services import current_services
from app.trust.desk.case import Case, Member
from app.trust.examination.overlay import PictureOverlay, difference, lay_over
from core.errors import NotFound

blueprint = APIBlueprint("trust_pictures", __name__, enable_openapi=False)

QUALITY = 85
CACHE_S = 3600


@dataclass(frozen=True)
class OverlayPair:
    """A member's overlay and the picture it lies over."""

    overlay: PictureOverlay
    below: Image.Image


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


def _pair(case_id: str) -> OverlayPair:
    """Raise NotFound where there is no such member, picture or alignment."""
    found = current_services().desk.case(case_id)
    member = _member(found, request.args.get("show", ""))
    if member.finding.alignment is None:
        raise NotFound("these two pictures could not be aligned")
    thumbnails = current_services().thumbnails
    with (
        Image.open(thumbnails.path(member.picture.image_id)) as above,
        Image.open(thumbnails.path(found.representative.image_id)) as below,
    ):
        rgb = below.convert("RGB")
        return OverlayPair(lay_over(above, rgb, member.finding.alignment), rgb)


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
