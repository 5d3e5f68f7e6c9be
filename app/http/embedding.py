"""Which other sites may embed the search: call the API from a page, show the shop in a frame.

The sites are an allow-list. Styles, scripts and pictures are public, so every site may load them.
"""

import re
from collections.abc import Sequence

from apiflask import APIFlask
from flask import Response, request

from core.environment import Environment
from core.errors import InvalidSetting
from core.setting import Setting

EMBED_SETTING = "LOOKALIKE_EMBED_ORIGINS"

SETTINGS = (
    Setting(
        EMBED_SETTING,
        "",
        "sites that may embed the search, such as `https://www.shop.example`, separated by commas; "
        "their pages may call the API from a browser and show the shop's pages in a frame",
    ),
)

ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
PUBLIC_PATHS = ("/static/", "/images/", "/embed/")
API_PATHS = ("/api/v1/", "/1/")
METHODS = "GET, POST"
HEADERS = "Content-Type, X-Request-Id"
DAY_S = 86_400


def embed_origins(environment: Environment) -> tuple[str, ...]:
    """Return the sites that may embed the search. Raises InvalidSetting for what is no origin."""
    origins = tuple(origin.lower().rstrip("/") for origin in environment.names(EMBED_SETTING))
    for origin in origins:
        if not ORIGIN.fullmatch(origin):
            raise InvalidSetting(
                f"{EMBED_SETTING}: {origin!r} is no origin; write the scheme and the host, and the "
                "port where it is no usual one, such as https://www.shop.example"
            )
    return origins


def install(app: APIFlask, origins: Sequence[str]) -> None:
    """Let browsers show these sites the API's answers, and every site the public files."""

    @app.after_request
    def share(response: Response) -> Response:
        if request.path.startswith(PUBLIC_PATHS):
            response.headers["Access-Control-Allow-Origin"] = "*"
        elif request.path.startswith(API_PATHS) and origins:
            response.vary.add("Origin")
            origin = request.headers.get("Origin", "")
            if origin in origins:
                response.headers["Access-Control-Allow-Origin"] = origin
                response.headers["Access-Control-Expose-Headers"] = "X-Request-Id, Retry-After"
                if request.method == "OPTIONS":
                    response.headers["Access-Control-Allow-Methods"] = METHODS
                    response.headers["Access-Control-Allow-Headers"] = HEADERS
                    response.headers["Access-Control-Max-Age"] = str(DAY_S)
        return response
