"""How an answer says what the words of its search were understood to mean."""

from pydantic import BaseModel, Field

from app.search.search_answer import SearchAnswer
from mappings.words.reading import Part, Reading


class PartOut(BaseModel):
    """A part of the query that a product must match, or must not."""

    text: str = Field(description="what was typed, in lower case")
    field: str | None = Field(description="product field it names; null for plain words")
    values: list[str] = Field(description="values of that field in the catalogue")
    colour: str | None = Field(description="basic colour it names")
    synonyms: list[str] = Field(description="what it also means, by the shop's own synonyms")
    negative: bool = Field(description="products that match it are left out")
    without: str = Field(description="the query without this part")


class PriceOut(BaseModel):
    """What the query says of the price."""

    text: str
    low: float | None
    high: float | None
    currency: str | None
    cheaper: bool = Field(description="cheaper than the product that the search began with")
    without: str


class ReadingOut(BaseModel):
    """A query as it was understood."""

    parts: list[PartOut]
    price: PriceOut | None
    corrections: dict[str, str] = Field(
        description="words that no product has, and the words searched for instead"
    )
    corrected: str | None = Field(
        description="the query with these words in place; null where none was corrected. "
        "`literal` searches for it as it was typed"
    )
    relaxed: bool = Field(
        description="no product met what the words demand beside the picture, so it only ranks"
    )
    cut: bool = Field(description="the end of an over-long query was not read")


def reading_of(answer: SearchAnswer) -> ReadingOut | None:
    """Return what an answer's words were understood to mean; None where there were none."""
    reading = answer.reading
    if reading.is_empty():
        return None
    return ReadingOut(
        parts=[_part(reading, part) for part in (*reading.required, *reading.negative)],
        price=_price(reading),
        corrections=dict(answer.corrections),
        corrected=reading.corrected(answer.corrections) if answer.corrections else None,
        relaxed=answer.is_relaxed,
        cut=reading.is_cut,
    )


def _part(reading: Reading, part: Part) -> PartOut:
    return PartOut(
        text=reading.surface(part),
        field=part.field,
        values=[
            value
            for phrase in (part.phrase, *(synonym.phrase for synonym in part.synonyms))
            for meaning in phrase.meanings
            for value in meaning.values
        ],
        colour=part.colour,
        synonyms=[synonym.text for synonym in part.synonyms],
        negative=part.is_negative,
        without=reading.without(part),
    )


def _price(reading: Reading) -> PriceOut | None:
    price = reading.price
    if price is None:
        return None
    return PriceOut(
        text=reading.surface(price),
        low=price.low,
        high=price.high,
        currency=price.currency,
        cheaper=price.is_relative,
        without=reading.without(price),
    )
