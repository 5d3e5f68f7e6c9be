"""``/hma/m``: what in the banks matches a signal or a picture."""

import random
from collections.abc import Iterable

from flask import Response, jsonify, request
from werkzeug.exceptions import BadRequest

from app.hma.access import new_blueprint
from app.hma.parameters import LookupParameters, json_object, query_values, split
from app.hma.pictures import fetched_picture, uploaded_picture
from app.services import current_services
from app.trust.banks.signal_matcher import MatchingContent
from app.trust.banks.signal_types import SIGNAL_TYPES, check_signal_type
from core.errors import InvalidQuery
from features.base import Json

blueprint = new_blueprint("matching", "/hma/m")


@blueprint.get("/raw_lookup")
@blueprint.doc(summary="Look a signal up, whatever is enabled")
def raw_lookup() -> Response:
    """Answer with the content ids that match, or with their distances too."""
    parameters = query_values(LookupParameters)
    matches = _look_up(parameters)
    if banks := split(parameters.banks):
        matches = [match for match in matches if match.bank in banks]
    if parameters.include_distance:
        return jsonify(matches=[_content(match) for match in matches])
    return jsonify(matches=[match.content_id for match in matches])


@blueprint.get("/lookup")
@blueprint.doc(summary="Look up a signal, or the picture at an address, in the enabled banks")
def look_up_address() -> Response:
    """Answer with the matches by bank; for an address, by signal type and bank."""
    parameters = query_values(LookupParameters)
    if not parameters.url:
        return jsonify(_by_bank(_look_up(parameters), parameters))
    found = current_services().signal_matcher.look_up_picture(
        fetched_picture(parameters.url), parameters.signal_types
    )
    if parameters.signal_type:
        matches = found.get(check_signal_type(parameters.signal_type), [])
        return jsonify(_by_bank(matches, parameters))
    return jsonify({name: _by_bank(matches, parameters) for name, matches in found.items()})


@blueprint.post("/lookup")
@blueprint.doc(summary="Look up an uploaded picture in the enabled banks")
def look_up_upload() -> Response:
    """Answer with the matches by signal type and bank."""
    parameters = query_values(LookupParameters)
    found = current_services().signal_matcher.look_up_picture(
        uploaded_picture(), parameters.signal_types
    )
    return jsonify({name: _by_bank(matches, parameters) for name, matches in found.items()})


@blueprint.post("/compare")
@blueprint.doc(summary="Compare pairs of signals")
def compare() -> Response:
    """Answer by signal type with whether the two match, and their distance."""
    answers: dict[str, Json] = {}
    for signal_type, signals in json_object().items():
        if not isinstance(signals, list) or not all(isinstance(one, str) for one in signals):
            raise InvalidQuery(f"{signal_type}: send a list of two signals")
        result = current_services().signal_matcher.compare(signal_type, signals)
        answers[signal_type] = [result.is_match, {"distance": result.distance}]
    return jsonify(answers)


@blueprint.get("/index/status")
@blueprint.doc(summary="Show how many signals of each type the banks hold")
def index_status() -> Response:
    """Answer by signal type with the number of signals and when the newest was added."""
    limited = request.args.get("signal_type")
    names = SIGNAL_TYPES if limited is None else (check_signal_type(limited),)
    states = {name: current_services().signal_matcher.state(name) for name in names}
    return jsonify(
        {
            name: {
                "present": state.size > 0,
                "built_to": state.newest if state.size else -1,
                "size": state.size,
            }
            for name, state in states.items()
        }
    )


def _look_up(parameters: LookupParameters) -> list[MatchingContent]:
    if not (parameters.signal and parameters.signal_type):
        raise BadRequest("give url, or both signal and signal_type")
    return current_services().signal_matcher.look_up(parameters.signal_type, parameters.signal)


def _by_bank(
    matches: Iterable[MatchingContent], parameters: LookupParameters
) -> dict[str, list[dict[str, Json]]]:
    """Return the enabled matches by bank.

    Each lookup draws a number from 0 to 1, from `seed` where there is one; banks whose enabled
    ratio is below it don't answer.
    """
    enabled = [match for match in matches if match.is_enabled]
    if banks := split(parameters.banks):
        enabled = [match for match in enabled if match.bank in banks]
    if not enabled:
        return {}
    # A sample needs no cryptographic randomness.
    drawn = random.Random(parameters.seed or None).random()  # noqa: S311
    ratios = current_services().signal_banks.ratios()
    result: dict[str, list[dict[str, Json]]] = {}
    for match in enabled:
        ratio = ratios.get(match.bank, 1.0)
        if parameters.bypass_coinflip or (ratio > 0 and ratio >= drawn):
            result.setdefault(match.bank, []).append(_content(match))
    return result


def _content(match: MatchingContent) -> dict[str, Json]:
    return {"bank_content_id": match.content_id, "distance": match.distance}
