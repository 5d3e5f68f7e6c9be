"""Suggests how to go on while a shopper types."""

import time

from apiflask import APIBlueprint
from flask import request

from app.contract.request_reading import read_request
from app.contract.suggestions import SuggestionParameters, SuggestionsOut, suggestion_out
from app.services import current_services

blueprint = APIBlueprint("suggestions", __name__, tag="Search")


@blueprint.get("/api/v1/suggest")
@blueprint.output(SuggestionsOut)
@blueprint.doc(summary="Suggest queries, categories, brands and products while somebody types")
def suggest() -> SuggestionsOut:
    """Answer with what begins as typed; where nothing does, with what does but for one slip."""
    parameters, _ = read_request(request, SuggestionParameters)
    started = time.perf_counter()
    suggestions = current_services().suggester.suggest(parameters.q, parameters.size)
    took_ms = 1000 * (time.perf_counter() - started)
    return SuggestionsOut(
        took_ms=round(took_ms, 1), suggestions=[suggestion_out(one) for one in suggestions]
    )
