"""``/hma/livez``, ``/hma/readyz`` and ``/hma/status``: probes without a token."""

from apiflask import APIBlueprint
from flask import Response

from app.services import current_services
from core.errors import LookalikeError

blueprint = APIBlueprint("hma_status", __name__, tag="Hash matching", url_prefix="/hma")

ALIVE, STALE = "I-AM-ALIVE", "INDEX-STALE"


@blueprint.get("/livez")
@blueprint.doc(summary="Check that the process is alive")
def live() -> Response:
    """Answer 200 as long as this worker runs."""
    return _text(ALIVE)


@blueprint.get("/readyz")
@blueprint.doc(summary="Check that lookups can be answered")
def ready() -> Response:
    """Answer 200 when the banks' index is there, else 503 and why."""
    try:
        current_services().banks.prepare()
    except LookalikeError as error:
        return _text(f"{STALE}: {error}", 503)
    return _text(ALIVE)


@blueprint.get("/status")
@blueprint.doc(summary="Check that lookups can be answered, by the older name")
def status() -> Response:
    """Answer as /hma/readyz does."""
    return ready()


def _text(text: str, code: int = 200) -> Response:
    return Response(text, code, mimetype="text/plain")
