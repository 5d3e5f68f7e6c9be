"""The parameters of a search, each declared once.

Query strings, forms and JSON are read by this model (`app.contract.request_reading`), OpenAPI
describes it, the address of a results page is written from it (`app.pages.address`), the digest
that ties the pages of a search together is taken of it, and the search log records it.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.search.parameter_types import (
    Crops,
    Currency,
    Filters,
    Identifier,
    Measures,
    Names,
    Page,
    PictureNumbers,
    Price,
    Steps,
    Use,
    Weights,
)
from app.search.query_extractor import Choice
from mappings.search.ordering import Order

MAX_WORDS_CHARS = 1000
MAX_HITS = 200
MAX_PAGES = 10_000

Collapse = Literal["none", "photo", "group", "group_or_photo"]
COLLAPSE_TEXT = (
    "group: the variants of a product (one `item_group_id`) are one hit, the best match of them, "
    "and a product searched with hides its own; photo: products that show the same photo are one "
    "hit; group_or_photo: by group, and products without one by photo"
)


class SearchParameters(BaseModel):
    """What a search takes beside its pictures."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: Annotated[str, Use(event="words")] = Field(
        default="", max_length=MAX_WORDS_CHARS, description="words to search for, in any language"
    )
    literal: bool = Field(
        default=False,
        description="search for the words as they are typed: a word that no product has is not "
        "corrected",
    )
    product_id: Names = Field(
        default_factory=list, description="stored products to find similar ones to"
    )
    picture: Annotated[Identifier, Use(ranks=False)] = Field(
        default=None,
        max_length=64,
        description="`picture` of an earlier answer: search with its pictures again, "
        "without another upload; with `crop`, another part of a picture sent with `keep_photo`",
    )
    crop: Annotated[Crops, Use(ranks=False, event="crops")] = Field(
        default_factory=list,
        description="left,top,right,bottom as fractions of the picture (0 to 1), one per picture",
    )
    picture_number: Annotated[PictureNumbers, Use(ranks=False, in_address=False)] = Field(
        default_factory=list,
        description="numbers of the pictures of `picture` to search with, from 1; all by default",
    )
    keep_photo: Annotated[bool, Use(ranks=False, in_address=False)] = Field(
        default=False,
        description="store the pictures for an hour, so that `picture` with another `crop` looks "
        "at that part",
    )
    combine: Literal["average", "any", "all"] = Field(
        default="average",
        description="with several pictures, score a product by their average, by the best "
        "match (any) or by the worst match (all)",
    )
    unlike_product_id: Names = Field(
        default_factory=list,
        description="stored products to find less of; they are never hits themselves",
    )
    unlike_picture: Annotated[Identifier, Use(ranks=False)] = Field(
        default=None,
        max_length=64,
        description="`unlike_picture` of an earlier answer: use its negative examples again",
    )
    unlike_weight: float = Field(
        default=0.5,
        gt=0,
        le=1000,
        description="weight of all negative examples; everything searched for weighs 1",
    )
    filter: Annotated[Filters, Use(event="filters")] = Field(
        default_factory=dict,
        description="NAME:VALUE; values of the same name are alternatives, and every name "
        "must match",
    )
    exclude: Annotated[Filters, Use(event="exclusions")] = Field(
        default_factory=dict,
        description="NAME:VALUE; no hit has one of these values",
    )
    price_min: Annotated[Price, Use(event="filters")] = Field(
        default=None, description="lowest price"
    )
    price_max: Annotated[Price, Use(event="filters")] = Field(
        default=None, description="highest price"
    )
    currency: Annotated[Currency, Use(event="filters")] = Field(
        default=None,
        description="currency of price_min, price_max and the facet price (ISO 4217, such as EUR); "
        "by default the one that most products have",
    )
    prepare: Steps = Field(
        default_factory=list,
        description="steps applied to uploaded pictures first: denoise, contrast, background",
    )
    accurate: bool = Field(
        default=False,
        description="average five views of each picture: more accurate, at five times the cost",
    )
    read_text: Choice = Field(
        default="auto",
        description="also search with the text in the pictures: where there seems to be some "
        "(auto), in any case (yes), or not (no)",
    )
    ignore_text: Names = Field(
        default_factory=list, description="words read in the pictures to leave out"
    )
    features: Names = Field(
        default_factory=list, description="features to search with; all quick ones by default"
    )
    weight: Weights = Field(
        default_factory=dict,
        description="NAME:NUMBER, a feature's relative weight in the score; words:NUMBER "
        "multiplies the weight of everything words match (default: 1, beside pictures 0.35)",
    )
    similarity: Measures = Field(
        default_factory=dict,
        description="cosine, dot or l2; or NAME:MEASURE, such as colour:intersection",
    )
    model: Annotated[Identifier, Use(ranks=False)] = Field(
        default=None,
        max_length=200,
        description="which model answers while the index holds two: its name, `current`, `next` "
        "or `previous`; by default the one in service",
    )
    min_score: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="lowest score of a hit, on the scale that `score_kind` names",
    )
    alike_only: bool = Field(
        default=False,
        description="end the hits where nothing more looks like the picture: at a likeness that "
        "unrelated pictures of this index do not reach; without words and negative examples",
    )
    sort: Order = Field(
        default="closest",
        description="closest first; or what was found by the price of now (prices of other "
        "currencies last), or by `updated_at`, the newest first",
    )
    collapse: Collapse = Field(default="none", description=COLLAPSE_TEXT)
    page: Annotated[int, Use(ranks=False, in_address=False)] = Field(
        default=1,
        ge=1,
        le=MAX_PAGES,
        description="number of the page, instead of a cursor; pages end after 10,000 hits",
    )
    size: Annotated[int, Use(ranks=False, event="size")] = Field(
        default=20, ge=1, le=MAX_HITS, description="hits per page"
    )
    facets: Annotated[Names, Use(ranks=False, in_address=False)] = Field(
        default_factory=list, description="filters to count the values of"
    )
    explain: Annotated[bool, Use(ranks=False, in_address=False)] = Field(
        default=False,
        description="also return the plan, the request sent to Elasticsearch and the time of "
        "each stage",
    )
    cursor: Annotated[Page, Use(ranks=False, in_address=False)] = Field(
        default=None,
        description="`next_cursor` of the previous page, sent with the same parameters",
    )


class SimilarParameters(SearchParameters):
    """What a search for products similar to a stored one takes; its variants are left out."""

    collapse: Collapse = Field(
        default="group",
        description=f"{COLLAPSE_TEXT}. With none, the product's own variants are hits, too",
    )
