"""What `explain=true` adds to an answer: the plan, the request to Elasticsearch, and the times."""

from pydantic import BaseModel, Field

from app.search.search_answer import SearchAnswer
from features.base import Json

MAX_ITEMS = 8
"""Items of a list that are shown; single numbers of a vector or bands of a hash say nothing."""

LONGEST_TEXT = 200


class PlanOut(BaseModel):
    """How the nearest pictures were searched for."""

    kind: str = Field(description="exact, approximate, words or browse")
    estimated_products: int = Field(description="upper bound of the products that pass the filters")
    k: int | None = Field(description="neighbours requested; null where comparison is exact")
    num_candidates: int | None = Field(description="candidates per shard")
    oversample: float | None = Field(
        description="how many times k candidates are compared without quantization"
    )
    promised_recall: float | None = Field(
        description="share of the nearest pictures that must be found"
    )
    measured_recall: float | None = Field(
        description="mean share found when this plan was measured on this index; null if never"
    )
    recall_at_least: float | None = Field(
        description="the same with 95 % confidence, under the least favourable kind of filter"
    )
    measured_p95_ms: float | None = Field(description="Elasticsearch's time when it was measured")
    why: str


class ExplanationOut(BaseModel):
    """The plan, the request body sent to Elasticsearch, and each stage's time."""

    plan: PlanOut
    request: dict[str, Json] = Field(
        description="the search body; vectors are replaced by their length"
    )
    stages_ms: dict[str, float] = Field(
        description="decode, features, plan, engine (including the network) and took: the time "
        "that Elasticsearch itself reports"
    )


def explanation_of(answer: SearchAnswer) -> ExplanationOut:
    """Return the explanation of an answer."""
    plan, measured = answer.plan, answer.plan.figure
    approximate = plan.approximate
    return ExplanationOut(
        plan=PlanOut(
            kind=plan.kind,
            estimated_products=plan.estimated_products,
            k=approximate.k if approximate else None,
            num_candidates=approximate.num_candidates if approximate else None,
            oversample=approximate.oversample if approximate else None,
            promised_recall=plan.promised_recall,
            measured_recall=measured.recall if measured else None,
            recall_at_least=measured.at_least if measured else None,
            measured_p95_ms=measured.p95_ms if measured else None,
            why=plan.reason,
        ),
        request=shorten(answer.body),
        stages_ms={
            name: round(ms, 2)
            for name, ms in {
                **answer.stages_ms,
                "plan": answer.plan_ms,
                "took": answer.results.took_ms,
            }.items()
        },
    )


def shorten(value: Json) -> Json:
    """Return JSON of the same shape in which no list or text is long.

    A list of numbers is replaced by its length, another long list by its first few items.
    """
    if isinstance(value, dict):
        return {name: shorten(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        if len(value) > MAX_ITEMS and all(isinstance(item, int | float) for item in value):
            return f"{len(value)} numbers"
        more = [f"and {len(value) - MAX_ITEMS} more"] if len(value) > MAX_ITEMS else []
        return [*(shorten(item) for item in value[:MAX_ITEMS]), *more]
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}… ({len(value)} characters)"
    return value
