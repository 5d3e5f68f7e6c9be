"""``/hma/c/exchange``: where the banks' lists of hashes came from.

An exchange, to Hasher-Matcher-Actioner, is a source that hashes are fetched from. Ours are the
lists that were imported from files: they are shown, and imported by the desk and the command line.
"""

from flask import Response, jsonify

from app.accounts.errors import Forbidden
from app.hma.access import new_blueprint
from app.services import current_services
from core.errors import NotFound

blueprint = new_blueprint("exchanges", "/hma/c")

API = "local_file"


@blueprint.get("/exchanges/apis")
@blueprint.doc(summary="List the kinds of exchange")
def list_apis() -> Response:
    """Answer with the one kind: a file that somebody imports."""
    return jsonify([API])


@blueprint.get("/exchanges")
@blueprint.doc(summary="List the imported lists of hashes")
def list_exchanges() -> Response:
    """Answer with their names."""
    return jsonify(sorted(current_services().signal_banks.lists()))


@blueprint.post("/exchanges")
@blueprint.doc(summary="Refuse to create an exchange")
def create_exchange() -> Response:
    """Answer with how a list is imported."""
    raise Forbidden(
        "exchanges are not created here: import a list of hashes at /trust/banks, or with "
        "`flask --app app.wsgi banks import`"
    )


@blueprint.get("/exchange/<name>")
@blueprint.doc(summary="Show an imported list of hashes")
def show_exchange(name: str) -> Response:
    """Answer with its name and kind."""
    _entries(name)
    return jsonify(name=name, api=API, enabled=True)


@blueprint.get("/exchange/<name>/status")
@blueprint.doc(summary="Show how much of a list was imported, and when")
def show_status(name: str) -> Response:
    """Answer with the number of hashes and the time of the last import."""
    entries, newest = _entries(name)
    return jsonify(
        checkpoint_ts=newest,
        running_fetch_start_ts=None,
        last_fetch_complete_ts=newest,
        last_fetch_succeeded=True,
        up_to_date=True,
        fetched_items={"pdq": entries},
    )


def _entries(name: str) -> tuple[int, int]:
    lists = current_services().signal_banks.lists()
    if name not in lists:
        raise NotFound(f"there is no exchange {name[:80]!r}")
    return lists[name]
