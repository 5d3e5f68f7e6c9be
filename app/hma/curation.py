"""``/hma/c``: the banks and what is in them."""

import time

from flask import Response, jsonify, request
from werkzeug.exceptions import BadRequest

from app.contract.request_reading import validate
from app.hma.access import check_may_change, new_blueprint
from app.hma.parameters import (
    BankParameters,
    SignalTypesParameters,
    json_object,
    metadata,
)
from app.hma.pictures import fetched_picture, uploaded_picture
from app.services import current_services
from app.trust.banks.entry import BankEntry
from app.trust.banks.signal_types import SIGNAL_TYPES
from core.errors import InvalidQuery
from features.base import Json
from mappings.trust.named_banks import NamedBank

blueprint = new_blueprint("curation", "/hma/c")

PROGRAM = "a program (/hma/)"
"""Who acts, in the desk's log."""

FARTHEST_S = 5 * 365 * 86_400
"""How far in the future an entry may be disabled until."""


@blueprint.get("/banks")
@blueprint.doc(summary="List the banks")
def list_banks() -> Response:
    """Answer with every bank."""
    return jsonify([_bank(bank) for bank in current_services().signal_banks.all()])


@blueprint.post("/banks")
@blueprint.doc(summary="Create a bank")
def create_bank() -> tuple[Response, int]:
    """Create an empty bank within the blocked one."""
    check_may_change()
    values = validate(json_object(), BankParameters)
    bank = NamedBank(values.name, 1.0 if values.ratio is None else values.ratio)
    return jsonify(_bank(current_services().signal_banks.create(bank))), 201


@blueprint.get("/bank/<name>")
@blueprint.doc(summary="Show a bank")
def show_bank(name: str) -> Response:
    """Answer with the bank."""
    return jsonify(_bank(current_services().signal_banks.get(name)))


@blueprint.put("/bank/<name>")
@blueprint.doc(summary="Enable, disable or thin out a bank")
def update_bank(name: str) -> Response:
    """Set the share of lookups that a bank answers. A bank keeps its name."""
    check_may_change()
    values = validate(json_object(), BankParameters)
    if values.name and values.name != name:
        raise InvalidQuery("a bank keeps its name: create another one and add the content there")
    banks = current_services().signal_banks
    bank = banks.get(name) if values.ratio is None else banks.set_ratio(name, values.ratio)
    return jsonify(_bank(bank))


@blueprint.delete("/bank/<name>")
@blueprint.doc(summary="Delete a bank and its content")
def delete_bank(name: str) -> Response:
    """Delete a bank; one that there is not is deleted already."""
    check_may_change()
    current_services().signal_banks.delete(name, PROGRAM)
    return jsonify(message="Done")


@blueprint.post("/bank/<name>/content")
@blueprint.doc(summary="Add a picture to a bank")
def add_content(name: str) -> Response:
    """Add an uploaded picture, or the one at `url`, and answer with its id and signals."""
    check_may_change()
    banks = current_services().signal_banks
    banks.get(name)
    url = request.args.get("url", "")
    if not url and not request.files:
        raise BadRequest("send a file or a url")
    data = fetched_picture(url) if url else uploaded_picture()
    return _added(name, banks.add_picture(name, data, metadata(), PROGRAM))


@blueprint.post("/bank/<name>/signal")
@blueprint.doc(summary="Add signals to a bank")
def add_signals(name: str) -> Response:
    """Add one entry with the signals given by type, and answer with its id."""
    check_may_change()
    signals = json_object()
    if not all(isinstance(signal, str) for signal in signals.values()):
        raise InvalidQuery("send one text by signal type")
    entry = current_services().signal_banks.add_signals(name, signals, PROGRAM)
    return _added(name, entry)


@blueprint.get("/bank/<name>/content/<int:number>")
@blueprint.doc(summary="Show an entry of a bank")
def show_content(name: str, number: int) -> Response:
    """Answer with the entry, with `include_signals=true` with its signals too."""
    entry, signals = current_services().signal_banks.entry(name, number)
    shown = _content(name, entry)
    if request.args.get("include_signals", "").lower() == "true":
        shown["signals"] = signals
    return jsonify(shown)


@blueprint.put("/bank/<name>/content/<int:number>")
@blueprint.doc(summary="Enable an entry, or disable it until a time")
def update_content(name: str, number: int) -> Response:
    """Set `disable_until_ts`: 0 disables, 1 enables, else seconds since 1970."""
    check_may_change()
    until = json_object().get("disable_until_ts")
    if not isinstance(until, int) or not 0 <= until <= time.time() + FARTHEST_S:
        raise InvalidQuery("disable_until_ts is a whole number: 0, 1, or a time within five years")
    entry = current_services().signal_banks.set_disabled_until(name, number, until)
    return jsonify(_content(name, entry))


@blueprint.delete("/bank/<name>/content/<int:number>")
@blueprint.doc(summary="Remove an entry from a bank")
def delete_content(name: str, number: int) -> Response:
    """Remove the entry."""
    check_may_change()
    current_services().signal_banks.remove(name, number, PROGRAM)
    return jsonify(deleted=1)


@blueprint.get("/signal_type")
@blueprint.doc(summary="List the signal types")
def list_signal_types() -> Response:
    """Answer with every signal type; all are enabled."""
    return jsonify([{"name": name, "enabled_ratio": 1.0} for name in SIGNAL_TYPES])


@blueprint.get("/signal_type/index")
@blueprint.doc(summary="Show whether every stored signal can be found")
def signal_index() -> Response:
    """Answer by signal type. An entry can be found as soon as it is stored."""
    states = {name: current_services().signal_matcher.state(name) for name in SIGNAL_TYPES}
    return jsonify(
        {
            name: {
                "db_size": state.size,
                "index_size": state.size,
                "index_out_of_date": False,
                "newest_db_item": state.newest,
                "index_built_to": state.newest,
            }
            for name, state in states.items()
        }
    )


@blueprint.get("/content_type")
@blueprint.doc(summary="List the content types")
def list_content_types() -> Response:
    """Answer with the one content type."""
    return jsonify([{"name": SignalTypesParameters().content_type, "enabled": True}])


def _bank(bank: NamedBank) -> dict[str, Json]:
    ratio = bank.matching_enabled_ratio
    return {"name": bank.name, "matching_enabled_ratio": ratio, "enabled": ratio > 0}


def _content(name: str, entry: BankEntry) -> dict[str, Json]:
    return {
        "id": entry.content_id,
        "disable_until_ts": entry.disabled_until,
        "collab_metadata": dict(entry.metadata),
        "original_media_uri": None,
        "bank": _bank(current_services().signal_banks.get(name)),
        "enabled": entry.is_enabled,
    }


def _added(name: str, entry: BankEntry) -> Response:
    _, signals = current_services().signal_banks.entry(name, entry.content_id)
    return jsonify(id=entry.content_id, signals=signals)
