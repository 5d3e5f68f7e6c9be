"""What `explain=true` adds to an answer: how the search was planned, asked, and where time went."""

from pydantic import BaseModel, Field

from app.search.searcher import SearchAnswer
from features.base import Json

MAX_ITEMS = 8
"""Items of a list that are shown; a vector's numbers and a hash's bands say nothing one by one."""

LONGEST_TEXT = 200


class PlanOut(BaseModel):
    """How nearest pictures were looked for."""

    kind: str = Field(description="exact, approximate, words or browse")
    estimated_products: int = Field(description="products the filters keep, at most")
    k: int | None = Field(description="neighbours asked for; null where comparison is exact")
    num_candidates: int | None = Field(description="candidates a shard looks at")
    oversample: float | None = Field(description="how many times k are compared unrounded")
    promised_recall: float | None = Field(description="share of the nearest that must be found")
    measured_recall: float | None = Field(
        description="mean share found when this way was measured on this index; null if never"
    )
    recall_at_least: float | None = Field(
        description="the same with 95 % confidence, under the least favourable kind of filter"
    )
    measured_p95_ms: float | None = Field(description="engine time when it was measured")
    why: str


class ExplanationOut(BaseModel):
    """The plan, the request body sent to Elasticsearch, and each stage's time."""

    plan: PlanOut
    request: dict[str, Json] = Field(
        description="the search body; vectors are told by their length"
    )
    stages_ms: dict[str, float] = Field(
        description="decode, features, plan, engine (with the way there and back) and took: what "
        "Elasticsearch itself says it needed"
    )


def explanation_of(answer: SearchAnswer) -> ExplanationOut:
    """Return how an answer came about."""
    plan, measured = answer.plan, answer.plan.figure
    way = plan.approximate
    return ExplanationOut(
        plan=PlanOut(
            kind=plan.kind,
            estimated_products=plan.estimated_products,
            k=way.k if way else None,
            num_candidates=way.num_candidates if way else None,
            oversample=way.oversample if way else None,
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

    A list of numbers is told by its length alone, another long one by its first few items.
    """
    if isinstance(value, dict):
        return {name: shorten(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        if len(value) > MAX_ITEMS and all(isinstance(one, int | float) for one in value):
            return f"{len(value)} numbers"
        more = [f"and {len(value) - MAX_ITEMS} more"] if len(value) > MAX_ITEMS else []
        return [*(shorten(one) for one in value[:MAX_ITEMS]), *more]
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"{value[:LONGEST_TEXT]}… ({len(value)} characters)"
    return value
