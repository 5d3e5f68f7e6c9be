"""The parameters and the answer of a request for suggestions."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.contract.presentation import image_url
from app.search.search_parameters import MAX_WORDS_CHARS
from app.search.suggester import Suggestion


class SuggestionParameters(BaseModel):
    """What a request for suggestions takes."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(
        default="",
        max_length=MAX_WORDS_CHARS,
        description="what was typed so far; its last word may be unfinished",
    )
    size: int = Field(default=8, ge=1, le=20, description="maximum number of suggestions")


class SuggestionOut(BaseModel):
    """One way to go on."""

    kind: Literal["query", "category", "brand", "product"]
    text: str = Field(description="what to show; plain text, never markup")
    marks: list[list[int]] = Field(
        description="[start, end] of the parts of `text` that were typed, in Unicode characters"
    )
    q: str | None = Field(description="of a query: search for these words")
    filter: str | None = Field(description="of a category or brand: search with this `filter`")
    id: str | None = Field(description="of a product: show it")
    parent: str | None = Field(description="of a category: the path above it")
    image: str | None = Field(description="of a product: address of its first picture")


class SuggestionsOut(BaseModel):
    """Suggestions: popular queries, categories, brands, then products."""

    took_ms: float
    suggestions: list[SuggestionOut]


def suggestion_out(suggestion: Suggestion) -> SuggestionOut:
    """Return one suggestion for callers."""
    kind, value = suggestion.kind, suggestion.value
    return SuggestionOut(
        kind=kind,
        text=suggestion.text,
        marks=[list(span) for span in suggestion.spans],
        q=value if kind == "query" else None,
        filter=f"{kind}:{value}" if kind in ("category", "brand") else None,
        id=value if kind == "product" else None,
        parent=suggestion.parent or None,
        image=image_url(suggestion.image_id) if suggestion.image_id else None,
    )
