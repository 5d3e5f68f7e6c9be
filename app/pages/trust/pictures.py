"""A member's picture as it lies over the representative's, and where they differ."""

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
KEPT_S = 3600


@dataclass(frozen=True)
class OverlayPair:
    """A member's overlay and the picture it lies over."""

    overlay: PictureOverlay
    below: Image.Image


@blueprint.get("/trust/cases/<case_id>/aligned.webp")
@sign_in_required
def aligned(case_id: str) -> Response:
    """Answer with the member's picture in the representative's frame, clear outside of it.

    WebP, because JPEG knows no clear pixels and an overlay must not veil what it does not cover.
    """
    return _answer(_pair(case_id).overlay.to_image(), "WEBP")


@blueprint.get("/trust/cases/<case_id>/difference.jpg")
@sign_in_required
def differing(case_id: str) -> Response:
    """Answer with the representative in grey, marked where the member differs."""
    pair = _pair(case_id)
    return _answer(difference(pair.overlay, pair.below), "JPEG")


def _pair(case_id: str) -> OverlayPair:
    """Raise NotFound where there is no such member, picture or alignment."""
    found = current_services().desk.case(case_id)
    member = _member(found, request.args.get("show", ""))
    if member.finding.alignment is None:
        raise NotFound("these two pictures could not be laid over each other")
    thumbnails = current_services().thumbnails
    with (
        Image.open(thumbnails.path(member.picture.image_id)) as above,
        Image.open(thumbnails.path(found.representative.image_id)) as below,
    ):
        kept = below.convert("RGB")
        return OverlayPair(lay_over(above, kept, member.finding.alignment), kept)


def _member(found: Case, key: str) -> Member:
    for member in found.members:
        if member.picture.key == key:
            return member
    raise NotFound("this case has no such member")


def _answer(picture: Image.Image, kind: str) -> Response:
    file = io.BytesIO()
    picture.save(file, kind, quality=QUALITY)
    answer = Response(file.getvalue(), content_type=f"image/{kind.lower()}")
    answer.headers["Cache-Control"] = f"private, max-age={KEPT_S}"
    return answer
