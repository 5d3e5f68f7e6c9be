"""What other sites and phones need to take the search in: who may embed it, and its manifest."""

from apiflask import APIBlueprint
from flask import Response, jsonify, request, url_for

from app.http.embedding import EMBED_SETTING
from app.pages.language import requested_language
from app.services import current_services

blueprint = APIBlueprint("embedding", __name__, enable_openapi=False)


@blueprint.get("/embed/access")
def access() -> Response:
    """Say whether the page that asks may embed the search, and what to do where it may not."""
    origin = request.headers.get("Origin") or request.host_url.rstrip("/")
    allowed = current_services().settings.embed_origins
    is_allowed = origin in allowed or origin == request.host_url.rstrip("/")
    detail = "" if is_allowed else refusal(origin)
    answer = jsonify(origin=origin, allowed=is_allowed, detail=detail)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def refusal(origin: str) -> str:
    """Return what happened and what to do where a site may not embed the search."""
    return (
        f"{origin[:200]} may not embed this shop's search. Whoever runs the shop adds it to "
        f"{EMBED_SETTING} and restarts it."
    )


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """Return the web app's manifest: once installed, a phone shares pictures into the search."""
    language = requested_language(request)
    answer = jsonify(
        id="/",
        name=language.text("site.name"),
        short_name="lookalike",
        description=language.text("site.tagline"),
        lang=language.code,
        start_url="/",
        scope="/",
        display="standalone",
        background_color="#faf8f4",
        theme_color="#1e5b4f",
        icons=[
            {
                "src": url_for("static", filename="logo.svg"),
                "sizes": "any",
                "type": "image/svg+xml",
            }
        ],
        share_target={
            "action": url_for("storefront.results"),
            "method": "POST",
            "enctype": "multipart/form-data",
            "params": {"files": [{"name": "image", "accept": ["image/*"]}]},
        },
    )
    answer.mimetype = "application/manifest+json"
    answer.headers["Vary"] = "Accept-Language, Cookie"
    answer.headers["Cache-Control"] = "no-cache"
    return answer
