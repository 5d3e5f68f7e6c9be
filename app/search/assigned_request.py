"""A search as the client's variant of an experiment asks it."""

from collections.abc import Mapping
from dataclasses import replace

from app.experiments.assignment import Assignment
from app.search.search_request import SearchRequest
from features.capabilities import is_lexical
from features.registry import Registry


def assigned_request(
    request: SearchRequest, assignment: Assignment | None, registry: Registry
) -> SearchRequest:
    """Return the search with its variant's overrides; unchanged where it takes no part.

    What a search says itself counts more than its variant. An experiment about words leaves
    searches by photo alone as they are, in all of its variants.
    """
    parameters = request.parameters
    if assignment is None or (assignment.is_about_words and not parameters.q.strip()):
        return request
    overrides = assignment.overrides
    weights: Mapping[str, float] = overrides.weights
    if not overrides.has_visual:
        visual = (name for name, feature in registry.items() if not is_lexical(feature))
        weights = {**weights, **dict.fromkeys(visual, 0.0)}
    changes: dict[str, object] = {}
    if weights:
        changes["weight"] = {**weights, **parameters.weight}
    if overrides.model and not (parameters.model or parameters.cursor):
        changes["model"] = overrides.model
    return replace(
        request,
        parameters=parameters.model_copy(update=changes) if changes else parameters,
        assignment=assignment,
        recall=overrides.recall,
    )
